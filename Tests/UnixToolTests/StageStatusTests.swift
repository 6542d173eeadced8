import MarketModel
import Testing

@testable import UnixTool

@Suite struct StageStatusTests {
    @Test func line_tellsOfTheStage() throws {
        let pipe = TestPipe()
        var writer = LineWriter(descriptor: pipe.writeEnd, isLineBuffered: true)
        var counters = Counters()
        counters.add("lines_out", 2)
        var latency = LatencyHistogram()
        counters.set(latency)
        for value: Int64 in 1...4 { latency.record(value) }
        counters.set(latency)
        try StageStatus(stage: "mkt-merge").write("heartbeat", counters, at: Timestamp(micros: 9), to: &writer)
        #expect(
            pipe.received()
                == #"{"v":1,"type":"stage_status","feed":"mkt-merge","venue":"mktpipe","recv_us":9,"stage":"mkt-merge","state":"heartbeat","#
                + #""counters":{"latency_us_max":4,"latency_us_p50":2,"latency_us_p90":4,"latency_us_p99":4,"lines_out":2}}"# + "\n")
    }

    @Test func helpFooter_hasItsThreeParts() {
        let help = ToolHelp(
            name: "pm-feed", environment: [("PM_X", "what")], statuses: [.done, .usage], examples: [("pm-feed a", "shows a")])
        #expect(help.footer.contains("\nENVIRONMENT:\n  PM_X"))
        #expect(help.footer.contains("PM_FEED_LOG_LEVEL"))
        #expect(help.footer.contains("\nEXIT STATUS:\n  0 "))
        #expect(help.footer.contains("  130, 143"))
        #expect(help.footer.hasSuffix("\nEXAMPLES:\n  pm-feed a\n      shows a\n"))
    }

    @Test func clocks_run() {
        #expect(Clock.now().micros > 1_600_000_000_000_000)
        let first = Clock.monotonicMicros()
        #expect(Clock.monotonicMicros() >= first)
    }
}
