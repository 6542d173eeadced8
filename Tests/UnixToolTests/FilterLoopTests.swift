import Glibc
import TestSupport
import Testing

@testable import UnixTool

@Suite struct FilterLoopTests {
    private let folder = TemporaryFolder()

    /// A stage that notes what it is told.
    private final class Notes: LineStage {
        var told: [String] = []
        var linesMax = Int.max
        var counters = Counters()
        var onIdle: () -> Void = {}
        var onBeat: () -> Void = {}

        func take(_ line: UnsafeBufferPointer<UInt8>) throws {
            told.append("line " + String(decoding: line, as: UTF8.self))
            linesMax -= 1
        }
        func skip(_ line: UnsafeBufferPointer<UInt8>, counter: String, message: String) throws { told.append("skip \(counter)") }
        func idle() throws {
            told.append("idle")
            onIdle()
        }
        func pass(monotonicMicros: Int64) throws {}
        func beat(isLive: Bool) throws {
            told.append("beat \(isLive)")
            onBeat()
        }
        func finish(isLive: Bool) throws { told.append("finish \(isLive)") }
        func reopen() throws {}
        var isFull: Bool { linesMax <= 0 }
    }

    private func run(_ stage: Notes, _ descriptor: Int32, _ environment: [String: String] = [:]) throws {
        var settings = Settings(tool: "mkt-sink", environment: environment, file: nil)
        let common = try CommonSettings(CommonOptions.parse([]), &settings)
        let (logger, _) = KeptMessages.logger()
        var loop = FilterLoop(stage, tool: "mkt-sink", common, logger)
        try loop.run(descriptor: descriptor)
    }

    @Test func file_isTakenToItsEnd_andIsNotLive() throws {
        let stage = Notes()
        let file = open(folder.write("a", "1\n2\ntail"), O_RDONLY)
        defer { close(file) }
        try run(stage, file)
        #expect(stage.told == ["line 1", "line 2", "line tail", "finish false"])
    }

    @Test func lineBeyondTheLongest_isSkipped() throws {
        let stage = Notes()
        let file = open(folder.write("a", "1\n" + String(repeating: "x", count: LineSplitter.lineBytesMax + 1) + "\n2\n"), O_RDONLY)
        defer { close(file) }
        try run(stage, file)
        #expect(stage.told == ["line 1", "skip too_long", "line 2", "finish false"])
    }

    @Test func stageThatIsFull_endsTheRun() throws {
        let stage = Notes()
        stage.linesMax = 2
        let file = open(folder.write("a", "1\n2\n3\n"), O_RDONLY)
        defer { close(file) }
        try run(stage, file)
        #expect(stage.told == ["line 1", "line 2", "finish false"])
    }

    @Test func pipeThatFallsSilent_isIdle_thenGoesOn() throws {
        let stage = Notes()
        let pipe = TestPipe()
        pipe.send("1\n")
        var isFirst = true
        stage.onIdle = {
            if isFirst { pipe.send("2\n") } else { pipe.closeWrite() }
            isFirst = false
        }
        try run(stage, pipe.readEnd)
        #expect(stage.told == ["line 1", "idle", "line 2", "idle", "finish true"])
    }

    @Test func heartbeat_comesWithoutInput() throws {
        let stage = Notes()
        let pipe = TestPipe()
        stage.onBeat = { pipe.closeWrite() }
        stage.counters.set("lines_in", 3)
        try run(stage, pipe.readEnd, ["MKT_HEARTBEAT": "1ms", "MKT_METRICS": folder.file("m")])
        #expect(stage.told.contains("beat true") && stage.told.last == "finish true")
        #expect(folder.text("m")?.contains("mktpipe_lines_in_total") == true)
    }

    @Test func duration_endsALiveRun() throws {
        let stage = Notes()
        let pipe = TestPipe()
        try run(stage, pipe.readEnd, ["MKT_DURATION": "1ms"])
        #expect(stage.told.last == "finish true")
    }
}
