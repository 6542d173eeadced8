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
    private var lastVersion: String?
    private var failureCount: Int64 = 0
    private var untold: Int64 = 0
    private var toldMicros: Int64?

    /// - Parameter lastVersion: Of the data that the tool has already.
    init(_ loader: ReferenceLoader, _ mailbox: ReferenceMailbox, _ logger: Logger, lastVersion: String?) {
        self.loader = loader
        self.mailbox = mailbox
        self.logger = logger
        self.lastVersion = lastVersion
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
        if data.version != lastVersion {
            lastVersion = data.version
            logger.info("reference data changed: version \(data.version), \(data.byteCount) bytes")
            mailbox.put(data)
        }
        return true
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
