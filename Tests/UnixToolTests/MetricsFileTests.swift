import TestSupport
import Testing

@testable import UnixTool

@Suite struct MetricsFileTests {
    private let folder = TemporaryFolder()

    private func counters(_ names: [String]) -> Counters {
        var counters = Counters()
        for (index, name) in names.enumerated() { counters.set(name, Int64(index)) }
        return counters
    }

    /// The text format of Prometheus, as its documentation has it: HELP and TYPE before the one sample of each metric.
    private func check(_ text: String) {
        #expect(text.hasSuffix("\n"))
        let lines = text.unicodeScalars.split(separator: "\n").map(String.init)
        #expect(lines.count % 3 == 0)
        var seen = Set<String>()
        for at in stride(from: 0, to: lines.count - 2, by: 3) {
            let help = lines[at].split(separator: " ", maxSplits: 3).map(String.init)
            let type = lines[at + 1].split(separator: " ").map(String.init)
            guard help.count == 4, type.count == 4 else { return #expect(Bool(false), "\(lines[at]) \(lines[at + 1])") }
            let name = help[2]
            #expect(help[0...1] == ["#", "HELP"] && type[0...2] == ["#", "TYPE", name])
            #expect(type[3] == (name.hasSuffix("_total") ? "counter" : "gauge"))
            #expect(name.wholeMatch(of: /[a-zA-Z_:][a-zA-Z0-9_:]*/) != nil)
            #expect(seen.insert(name).inserted, "\(name) stands twice")
            let sample = lines[at + 2]
            #expect(sample.hasPrefix(name + "{"))
            #expect(
                sample.wholeMatch(
                    of: /[a-z0-9A-Z_]+\{tool="[^"\\]*",feed="(?:[^"\\\n]|\\[\\n"])*"\} -?[0-9]+/.matchingSemantics(.unicodeScalar)) != nil,
                "\(sample)")
        }
    }

    @Test func exposition_isWellFormed() {
        let names = [
            "lines_in", "lines_out", "latency_us_p50", "latency_us_max", "books_now", "skipped_out_of_range_é", "a-b", "c d", "e\r\nf",
            "x\"y\\z",
        ]
        for feed in ["pm", "a\"b", "a\\b", "a\nb", "a\r\nb", "é🙂", "\"\u{301}", "\\\u{301}", ""] {
            check(MetricsFile(path: "", tool: "pm-feed", feed: feed).text(counters(names)))
        }
        #expect(MetricsFile(path: "", tool: "pm-feed", feed: "x").text(Counters()) == "")
    }

    @Test func counterAndGauge_areSpelledOut() {
        var counters = Counters()
        counters.set("lines_out", 5)
        counters.set("latency_us_p99", 7)
        #expect(
            MetricsFile(path: "", tool: "pm-feed", feed: "pm").text(counters) == """
                # HELP mktpipe_latency_us_p99 Value of latency_us_p99 (docs/unix.md).
                # TYPE mktpipe_latency_us_p99 gauge
                mktpipe_latency_us_p99{tool="pm-feed",feed="pm"} 7
                # HELP mktpipe_lines_out_total Count of lines_out (docs/unix.md).
                # TYPE mktpipe_lines_out_total counter
                mktpipe_lines_out_total{tool="pm-feed",feed="pm"} 5

                """)
    }

    @Test func file_isReplacedWhole_andNothingElseStays() throws {
        let file = MetricsFile(path: folder.file("m.prom"), tool: "pm-feed", feed: "pm")
        try file.write(counters(["a", "b", "c"]))
        try file.write(counters(["a"]))
        #expect(folder.text("m.prom") == file.text(counters(["a"])))
        #expect(folder.names == ["m.prom"])
    }

    @Test func missingFolder_isAnOutputThatCannotBeMade() {
        let file = MetricsFile(path: folder.file("absent/m.prom"), tool: "pm-feed", feed: "pm")
        do {
            try file.write(Counters())
            Issue.record("it was written")
        } catch {
            #expect(error.status == .cannotCreate)
        }
    }
}
