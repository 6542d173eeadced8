import FeedSession
import TestSupport
import Testing
import UnixTool

/// A recording from its first line to its last.
@Suite struct ReplayTests {
    private func line(_ frame: String, _ time: Int64) -> String { #"{"recv_us":\#(time),"conn":1,"raw":"\#(frame)"}"# + "\n" }
    private let open = #"{"recv_us":0,"conn":1,"open":"wss://x"}"# + "\n"

    @Test func recording_isPlayedInOrder_andEndsWithStopped() throws {
        let paper = try Paper()
        let lines = try paper.replay(
            open + #"{"sent_us":1,"conn":1,"sent":"hi"}"# + "\n" + line("trade", 2)
                + #"{"recv_us":3,"get":"/a","status":200,"body":"{}"}"# + "\n" + #"{"recv_us":4,"conn":1,"close":1006,"reason":""}"# + "\n")
        #expect(paper.venue.calls == ["open 1 0", "sent 1 hi 1", "raw 1 trade 2", "get /a 200 {} 3", "close 1 4"])
        #expect(
            lines.count == 5
                && lines[4].hasPrefix(#"feed_status,"recv_us":4,"state":"stopped","counters":{"frames_in":1,"lines_feed_status":2,"#))
    }

    @Test func brokenLines_areSkippedCountedAndKept_theOthersArePlayed() throws {
        let paper = try Paper()
        _ = try paper.replay(open + "garbage\n\n  \r\n{}\n" + line("trade", 2) + "{\"recv_us\":3")
        #expect(paper.venue.calls == ["open 1 0", "raw 1 trade 2"])
        #expect(paper.output.allCounters["skipped_recording_line"] == 3)
    }

    @Test func lastLineWithoutANewline_isPlayed() throws {
        let paper = try Paper()
        _ = try paper.replay(open + String(line("trade", 2).dropLast()))
        #expect(paper.venue.calls.last == "raw 1 trade 2")
    }

    @Test func strict_endsAtABrokenLine() throws {
        let paper = try Paper(["--strict"])
        #expect { try paper.replay(open + "x\n") } throws: { ($0 as? ToolFailure)?.status == .badData }
    }

    @Test func missingFile_isNoInput() throws {
        let paper = try Paper()
        var replay = Replay(paper.engine)
        #expect { try replay.run(path: "/nonexistent/x") } throws: { ($0 as? ToolFailure)?.status == .noInput }
    }

    @Test func emptyRecording_isStoppedAtTimeZero() throws {
        #expect(try Paper().replay("") == [#"feed_status,"recv_us":0,"state":"stopped","counters":{}}"#])
    }

    @Test func duration_isOfTheRecording_andItsTimersRunToItsEnd() throws {
        let recording = open + line("trade", 9_999_999) + line("trade", 25_000_000) + line("trade", 30_000_000) + line("trade", 31_000_000)
        let paper = try Paper(["--duration", "30s", "--heartbeat", "10s"])
        let lines = try paper.replay(recording)
        #expect(paper.venue.calls.count == 3)
        #expect(lines.filter { $0.contains("\"state\":\"heartbeat\"") }.count == 3)
        #expect(lines.last?.hasPrefix(#"feed_status,"recv_us":30000000,"state":"stopped""#) == true)
        // A hole at the end: the same timers as in a run that waits.
        let hole = try Paper(["--duration", "30s", "--heartbeat", "10s"]).replay(open + line("trade", 900_000_000))
        #expect(hole.filter { $0.contains("\"state\":\"heartbeat\"") }.count == 3 && hole.last?.contains("\"recv_us\":30000000") == true)
    }

    @Test func limit_endsTheRun() throws {
        let paper = try Paper(["--limit", "4"])
        #expect(try paper.replay(open + (1...50).map { line("trade", $0) }.joined()).count == 4)
        #expect(paper.venue.calls.count == 3)
    }

    @Test func replayTwice_isTheSameBytes() throws {
        let recording = open + (1...400).map { line($0 % 3 == 0 ? "PONG" : "book \($0)000 5", $0 * 777_777) }.joined()
        let all = try (0..<2).map { _ in try Paper(["--heartbeat", "10s", "--checkpoint", "20s", "--stale-after", "1s"]).replay(recording) }
        #expect(all[0] == all[1] && all[0].count > 200)
    }

    @Test func metrics_areOfTheToolsName() throws {
        let folder = TemporaryFolder()
        _ = try Paper(["--metrics", folder.file("m.prom")]).replay(open)
        #expect(folder.text("m.prom")?.contains("{tool=\"pp-feed\",feed=\"pp\"} 1\n") == true)
    }
}
