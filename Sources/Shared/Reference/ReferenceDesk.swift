import Logging
import UnixTool

/// The loading thread's book: what was loaded last, what failed, when to try again, what was told.
final class ReferenceDesk {
    /// Between two warnings, whatever they say.
    private static let tellMicros: Int64 = 30_000_000
    private static let retryMicrosLeast: Int64 = 250_000

    let loader: ReferenceLoader
    let mailbox: ReferenceMailbox
    private let logger: Logger
    /// Makes of data what the tool takes, and puts it where it is taken.
    private let deliver: (ReferenceData) throws(ToolFailure) -> Void
    /// Of the data that were loaded last, good or bad.
    private var loadedVersion: String?
    /// Of those that the tool has, or may take.
    private var deliveredVersion: String?
    private var failureCount: Int64 = 0
    private var untold: Int64 = 0
    private var toldMicros: Int64?

    /// - Parameter lastVersion: Of the data that the tool has already.
    init(
        _ loader: ReferenceLoader, _ mailbox: ReferenceMailbox, _ logger: Logger, lastVersion: String?,
        deliver: @escaping (ReferenceData) throws(ToolFailure) -> Void
    ) {
        self.loader = loader
        self.mailbox = mailbox
        self.logger = logger
        self.deliver = deliver
        (loadedVersion, deliveredVersion) = (lastVersion, lastVersion)
    }

    /// Loads, and puts what is new into the mailbox. False where it failed: the last good data stay.
    func attempt(_ load: () throws -> ReferenceData) -> Bool {
        let start = Clock.monotonicMicros()
        let data: ReferenceData
        do {
            data = try load()
        } catch {
            if !mailbox.isStopped { fail(error) }
            return false
        }
        mailbox.noteLoad(atMicros: start)
        if failureCount > 0 {
            logger.notice("reference data is loaded again after \(failureCount == 1 ? "a failure" : "\(failureCount) failures")")
        }
        failureCount = 0
        if data.version != loadedVersion {
            loadedVersion = data.version
            deliverChange(data)
        }
        return true
    }

    private func deliverChange(_ data: ReferenceData) {
        // Back from what was no use to what the tool has all the while.
        guard data.version != deliveredVersion else { return }
        do {
            try deliver(data)
        } catch {
            return logger.warning("reference data are left as they were: \(error.message)")
        }
        deliveredVersion = data.version
        mailbox.noteChange()
        logger.info("reference data changed: version \(data.version), \(data.byteCount) bytes")
    }

    private func fail(_ error: any Error) {
        failureCount += 1
        mailbox.noteFailure()
        warn("reference data is not loaded anew, and the last stays in use: \(loader.failure(error).message)")
    }

    /// Tells it, unless something was told lately.
    func warn(_ message: String) {
        untold += 1
        let now = Clock.monotonicMicros()
        if let toldMicros, now - toldMicros < ReferenceDesk.tellMicros { return }
        toldMicros = now
        logger.warning("\(message)\(untold > 1 ? " (\(untold) times)" : "")")
        untold = 0
    }

    /// How long to wait before the next try: doubled with every failure, up to a cap.
    var retryMicros: Int64 {
        let doublings = min(max(failureCount - 1, 0), 32)
        return min(ReferenceDesk.retryMicrosLeast << doublings, loader.settings.retryMicrosMax)
    }
}
