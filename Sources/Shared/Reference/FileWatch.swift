import Glibc
import UnixTool

/// Keeps up with a file: looks every second whether it is another one or has changed, which costs next to nothing, and loads only then.
final class FileWatch {
    /// Between two looks.
    private static let lookMicros: Int64 = 1_000_000

    private let desk: ReferenceDesk
    private let path: String
    private var session: SQLiteSession?
    private var loadedVersion: Int64?
    /// Before then nothing is tried again after a failure.
    private var retryMicros: Int64 = 0
    private var isAsked = false

    init(_ desk: ReferenceDesk, path: String) {
        self.desk = desk
        self.path = path
    }

    /// Runs until the mailbox is stopped.
    func run() {
        while !desk.mailbox.isStopped {
            let isFailing = loadedVersion == nil && Clock.monotonicMicros() < retryMicros
            if isAsked || (!isFailing && isChanged) { attempt() }
            wait()
        }
    }

    /// Whether there may be something new. What cannot be looked at is: the attempt will tell why.
    private var isChanged: Bool {
        guard let session, let loadedVersion, session.identity == SQLiteSession.Identity(path) else { return true }
        return (try? session.dataVersion()) != loadedVersion
    }

    private func attempt() {
        isAsked = false
        let isLoaded = desk.attempt {
            if session?.identity != SQLiteSession.Identity(path) { session = nil }
            // A lock is not waited for here: there is a next try.
            let open =
                try session
                ?? SQLiteSession(path, desk.loader.settings, busyMillisMax: 500) { [mailbox = desk.mailbox] in mailbox.isStopped }
            session = open
            // Asked before the snapshot: what is changed in between is seen at the next look.
            let version = try open.dataVersion()
            let data = try open.load(desk.loader.plan)
            loadedVersion = version
            return data
        }
        guard !isLoaded else { return }
        session = nil
        loadedVersion = nil
        retryMicros = Clock.monotonicMicros() + desk.retryMicros
    }

    /// Sleeps until the next look, a wish or the end.
    private func wait() {
        var polls = [desk.mailbox.stopped.descriptor, desk.mailbox.asked.descriptor].map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        let left = loadedVersion == nil ? max(retryMicros - Clock.monotonicMicros(), 0) : FileWatch.lookMicros
        guard poll(&polls, nfds_t(polls.count), Int32(left / 1000 + 1)) > 0 else { return }
        if polls[1].revents != 0 {
            desk.mailbox.asked.takeRings()
            isAsked = true
        }
    }
}
