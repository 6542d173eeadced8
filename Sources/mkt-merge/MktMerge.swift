import Segments
import UnixTool

@main
struct MktMerge {
    private static let help = ToolHelp(
        name: "mkt-merge",
        statuses: [.done, .usage, .badData, .noInput, .bug, .cannotCreate, .ioError, .configuration],
        examples: [
            ("mkt-merge day/*.ndjson > day.ndjson", "Merge recordings exactly, by recv_us and then by the order of the arguments."),
            ("mkt-merge archive | mkt-decide", "All segments that mkt-sink --to ndjson:archive has written, in order of time."),
            ("mkt-merge pm.fifo kalshi.fifo | mkt-decide", "Merge two live feeds, holding a line back for at most 20 ms."),
            ("mkt-merge --dedupe --follow a.fifo b.fifo | mkt-decide", "Two feeds of one venue as one that does not break when one does."),
            ("mkt-merge --speed 10 --from 2026-09-25T19:00:00Z day.ndjson", "Play a recording from seven o'clock, ten times as fast."),
            ("mkt-merge --only trade --market KXBTC-26SEP2516-B74250 day.ndjson", "The trades of one market."),
        ])

    static func main() {
        Doorway.enter(MergeOptions.self, help: help) { options, common, settings in
            try MergeConfiguration(options, common, &settings)
        } run: { configuration, logger in
            let faults = SegmentFaults(isStrict: configuration.common.isStrict, logger)
            var loop = try MergeLoop(configuration, InputSource.openAll(configuration.inputs, faults), faults, logger)
            try loop.run()
        }
    }
}
