public import Logging
import Synchronization
public import UnixTool

/// Reference data that stay new while a tool runs: a thread loads them, and the tool takes what has changed when it likes.
///
/// All of it may be called from any thread, and nothing but `loadFirst` and `stop` ever waits. `News` is what the tool makes of data; it is
/// made on the loading thread, so that taking it costs the stream nothing.
public final class ReferenceFeed<News: Sendable>: Sendable {
    private struct State {
        var thread: BackgroundThread?
        var loadedVersion: String?
    }

    /// A thread that hangs in the system's name lookup is left to itself after that.
    private static var stopMillisMax: Int32 { 900 }

    private let loader: ReferenceLoader
    private let logger: Logger
    private let mailbox: ReferenceMailbox
    private let news = LatestNews<News>()
    private let prepare: @Sendable (ReferenceData) throws(ToolFailure) -> News
    private let state = Mutex(State())

    /// - Parameters:
    ///   - windows: The lengths in microseconds for which a history is added up; without any it is not asked for.
    ///   - prepare: Makes news of data, on whatever thread loads them; where it fails, the news before stay.
    public init(
        _ source: ReferenceSource, queries: ReferenceQueries, windows: [Int64], settings: ReferenceSettings, logger: Logger,
        prepare: @escaping @Sendable (ReferenceData) throws(ToolFailure) -> News
    ) throws(ToolFailure) {
        precondition(settings.connectionsMax >= ReferenceSettings.connectionsLeast, "one session listens and another one loads")
        loader = ReferenceLoader(source, queries: queries, windows: windows, settings: settings)
        self.logger = logger
        self.prepare = prepare
        mailbox = try ReferenceMailbox()
    }

    deinit { stop() }

    /// Loads once on the caller's thread; without this data the tool cannot begin, so its failure is the tool's.
    public func loadFirst() throws(ToolFailure) -> News {
        let start = Clock.monotonicMicros()
        let data = try loader.load()
        mailbox.noteLoad(atMicros: start)
        state.withLock { $0.loadedVersion = data.version }
        return try prepare(data)
    }

    /// Begins to keep up. Data other than those of `loadFirst` are news.
    public func start() throws(ToolFailure) {
        try state.withLock { state throws(ToolFailure) in
            guard state.thread == nil, !mailbox.isStopped else { return }
            let (loader, mailbox, logger, version) = (loader, mailbox, logger, state.loadedVersion)
            let (news, prepare) = (news, prepare)
            state.thread = try BackgroundThread {
                let desk = ReferenceDesk(loader, mailbox, logger, lastVersion: version) { data throws(ToolFailure) in
                    news.put(try prepare(data))
                }
                switch loader.source.kind {
                case .postgres(let address): ServerWatch(desk, address).run()
                case .sqlite(let path): FileWatch(desk, path: path).run()
                }
            }
        }
    }

    /// Loads soon, whatever the interval and the failures before.
    public func refreshNow() { mailbox.asked.ring() }

    /// What has changed since the last call, or nil; costs one plain load where there is nothing.
    public func takeNews() -> News? { news.take() }

    /// Sets `reference_loads`, `_failures`, `_changes`, and `reference_age_us`: since the last good load began.
    ///
    /// - Parameter nowMicros: Of `Clock.monotonicMicros`.
    public func count(in counters: inout Counters, nowMicros: Int64) { mailbox.count(in: &counters, nowMicros: nowMicros) }

    /// Ends the thread, within a second also where a server hangs. Once only: nothing starts again.
    public func stop() {
        mailbox.stop()
        let thread = state.withLock { state in
            let thread = state.thread
            state.thread = nil
            return thread
        }
        _ = thread?.join(millisMax: Self.stopMillisMax)
    }
}
