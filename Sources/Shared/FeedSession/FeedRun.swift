public import Logging
import UnixTool

/// The run of a feed from its settings: where all feeds do the same.
public enum FeedRun {
    /// Reads the recording that the settings name and writes its events to standard output.
    ///
    /// - Parameter makeVenue: The venue's adapter, which writes to the output that it is given.
    /// - Returns: The venue, for what it has to say after the end.
    @discardableResult
    public static func replay<V: Venue>(_ settings: FeedSettings, _ logger: Logger, makeVenue: (FeedOutput) -> V) throws -> V {
        guard let path = settings.replayPath else { throw ToolFailure(.bug, "no recording is named") }
        let writer = LineWriter(isLineBuffered: settings.common.isLineBuffered, linesMax: settings.common.linesMax)
        let output = try FeedOutput(settings, logger: logger, writer: writer)
        let venue = makeVenue(output)
        var replay = Replay(FeedEngine(venue, output))
        try replay.run(path: path)
        return venue
    }

    /// Connects, and writes events to standard output until a signal, `--duration` or `--limit`.
    ///
    /// - Parameter make: The venue, which writes to the output that it is given, and what it does in a live session.
    public static func live<V: Venue, A: LiveAdapter>(
        _ settings: FeedSettings, _ live: LiveSettings, _ logger: Logger, make: (FeedOutput) throws -> (V, A)
    ) throws {
        let writer = LineWriter(isLineBuffered: settings.common.isLineBuffered, linesMax: settings.common.linesMax, isQueued: true)
        let output = try FeedOutput(settings, logger: logger, writer: writer)
        let (venue, adapter) = try make(output)
        var rules = SessionRules()
        rules.rotateMicros = live.rotateMicros
        let loop = try LiveLoop(
            FeedEngine(venue, output), adapter, live, rules: rules, environment: EnvironmentFile.process())
        try loop.run()
    }
}
