import Glibc
import MarketModel
import TestSupport
import Testing

@testable import UnixTool

/// A file whose lines are decoded ahead gives a stage what a pipe gives it, line by line.
@Suite struct FilterLoopEventsTests {
    private let folder = TemporaryFolder()

    /// A stage that notes lines, what is wrong with them, and what else it is told.
    private final class Notes: EventStage {
        var told: [String] = []
        var counters = Counters()
        var linesMax = Int.max
        /// So many lines are taken before the stage is held once.
        var heldAfter = Int.max
        var willReads = 0
        /// It is held before something is read for the first time, until it was idle.
        var isHeldBeforeReading = false
        private(set) var passesWhileHeld = 0
        private var decoder = EventDecoder()

        func take(_ line: UnsafeBufferPointer<UInt8>) throws {
            note(line) { (decoder) throws(EventError) in try decoder.decodeEvent(line) }
        }
        func take(_ index: Int, of batch: EventBatch) throws {
            note(batch.lines.bytes(index)) { (decoder) throws(EventError) in try decoder.take(index, of: batch.lines) }
        }
        private func note(_ line: UnsafeBufferPointer<UInt8>, _ read: (inout EventDecoder) throws(EventError) -> Void) {
            linesMax -= 1
            heldAfter -= 1
            var what = "line \(String(decoding: line.prefix(60), as: UTF8.self)) of \(line.count)"
            do throws(EventError) {
                try read(&decoder)
                what += " at \(decoder.received.micros), \(decoder.asks.count) asks"
            } catch {
                what += ": \(error)"
            }
            told.append(what)
        }
        func skip(_ line: UnsafeBufferPointer<UInt8>, counter: String, message: String) throws { told.append("skip \(message)") }
        func willRead() throws {
            willReads += 1
            if isHeldBeforeReading, willReads == 1 { heldAfter = 0 }
        }
        func idle() throws { isHeldBeforeReading = false }
        func pass(monotonicMicros: Int64) throws {
            guard isHeld else { return }
            passesWhileHeld += 1
            if !isHeldBeforeReading || passesWhileHeld > 100 { heldAfter = Int.max }
        }
        func beat(isLive: Bool) throws {}
        func finish(isLive: Bool) throws { told.append("finish") }
        func reopen() throws {}
        var isFull: Bool { linesMax <= 0 }
        var isHeld: Bool { heldAfter <= 0 }
        var waits: [pollfd] { [] }
        var deadlineMicros: Int64? { isHeld ? 0 : nil }
    }

    private func told(_ path: String, isAhead: Bool, _ stage: Notes = Notes()) throws -> [String] {
        var settings = Settings(tool: "mkt-sink", environment: [:], file: nil)
        let common = try CommonSettings(CommonOptions.parse([]), &settings)
        let (logger, _) = KeptMessages.logger()
        let file = open(path, O_RDONLY)
        defer { close(file) }
        var loop = FilterLoop(stage, tool: "mkt-sink", common, logger)
        if isAhead { try loop.runEvents(descriptor: file) } else { try loop.run(descriptor: file) }
        return stage.told
    }

    private func stream(_ seed: UInt64, lines: Int) -> String {
        var generator = SeededGenerator(seed: seed)
        var text = ""
        for number in 0..<lines {
            let asks = (0..<generator.below(20)).map { "[0.\($0 + 10),\(number)]" }.joined(separator: ",")
            let line = """
                {"v":1,"type":"book_delta","feed":"f","venue":"v","market":"m\(generator.below(9))","instrument":"i","conn":1,"seq":\(number + 1),\
                "recv_us":\(number),"bids":[],"asks":[\(asks)]}
                """
            switch generator.below(12) {
            case 0: text += String(line.prefix(generator.below(line.count))) + "\n"
            case 1: text += "\n"
            case 2: text += line + String(repeating: " ", count: generator.below(100_000)) + "\n"
            default: text += line + "\n"
            }
            if generator.chance(2000) { text += String(repeating: "x", count: LineSplitter.lineBytesMax + generator.below(300_000)) + "\n" }
        }
        return generator.chance(2) ? text : text + "{\"v\":1,\"type\":\"t\",\"recv_us\":5}"
    }

    @Test(arguments: 1...6)
    func file_isToldAsWithoutTheThread(_ seed: UInt64) throws {
        let path = folder.write("a", stream(seed, lines: 3000))
        let expected = try told(path, isAhead: false)
        #expect(expected.count > 3000 && expected.contains { $0.contains("missing") || $0.contains("ends inside") })
        #expect(try told(path, isAhead: true) == expected)
    }

    @Test(arguments: ["", "\n", "x", "{\"v\":1}\n\n\n"])
    func smallFile_isToldAsWithoutTheThread(_ text: String) throws {
        let path = folder.write("a", text)
        #expect(try told(path, isAhead: true) == (try told(path, isAhead: false)))
    }

    @Test func lineBeyondTheLongest_isSkippedWhereverItStands() throws {
        let long = String(repeating: "y", count: LineSplitter.lineBytesMax + 1)
        for text in [long, long + "\n", "{}\n" + long + "\n{}\n", "{}\n\(long)\n\(long)"] {
            let path = folder.write("a", text)
            let expected = try told(path, isAhead: false)
            #expect(expected.contains { $0.hasPrefix("skip a line of 4194305 bytes") })
            #expect(try told(path, isAhead: true) == expected)
        }
    }

    @Test func stageThatIsFull_getsNoMore() throws {
        let path = folder.write("a", stream(7, lines: 4000))
        let stage = Notes()
        stage.linesMax = 1500
        #expect(try told(path, isAhead: true, stage).count == 1501)
    }

    @Test func stageThatIsHeld_getsTheNextLineAfterIt() throws {
        let path = folder.write("a", stream(8, lines: 2000))
        let stage = Notes()
        stage.heldAfter = 700
        let all = try told(path, isAhead: true, stage)
        #expect(all == (try told(path, isAhead: false)))
        #expect(stage.willReads > 1 && stage.passesWhileHeld > 0)
    }

    @Test func stageThatIsHeldBeforeReading_isWaitedFor_notAskedAgainAndAgain() throws {
        let path = folder.write("a", "{}\n{}\n")
        for isAhead in [false, true] {
            let stage = Notes()
            stage.isHeldBeforeReading = true
            #expect(try told(path, isAhead: isAhead, stage).count == 3)
            #expect(stage.passesWhileHeld <= 2)
        }
    }

    @Test func fileThatCannotBeRead_isTold_behindTheLinesBefore() throws {
        let directory = open("/", O_RDONLY | O_DIRECTORY)
        defer { close(directory) }
        var reader = LineReader(descriptor: directory, name: "it")
        var decoder = EventDecoder()
        let batch = EventBatch(readBytes: 1 << 12)
        #expect(!batch.fill(from: &reader, with: &decoder))
        guard case .failure(let failure) = batch.sequel else { return #expect(Bool(false), "no failure") }
        #expect(failure.message.contains("cannot read it"))
    }
}
