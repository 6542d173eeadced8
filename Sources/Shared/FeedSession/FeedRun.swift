public import Logging
import UnixTool

/// The run of a feed from its settings: where all feeds do the same.
public enum FeedRun {
    /// Reads the recording that the settings name and writes its events to standard output.
    ///
    /// - Parameter makeVenue: The venue's adapter, which writes to the output that it is given.
    /// - Returns: The venue, for what it has to say after the end.
    @discardableResult
    public static func run<V: Venue>(_ settings: FeedSettings, _ logger: Logger, makeVenue: (FeedOutput) -> V) throws -> V {
        guard let path = settings.replayPath else {
            throw ToolFailure(.unavailable, "live sessions are not in this version yet; give --replay FILE, or try make demo")
        }
        let writer = LineWriter(isLineBuffered: settings.common.isLineBuffered, linesMax: settings.common.linesMax)
        let output = try FeedOutput(settings, logger: logger, writer: writer)
        let venue = makeVenue(output)
        var replay = Replay(FeedEngine(venue, output))
        try replay.run(path: path)
        return venue
    }
}
