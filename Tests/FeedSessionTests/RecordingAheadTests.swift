import Glibc
import JSON
import TestSupport
import Testing

@testable import FeedSession
@testable import UnixTool

/// A thread that reads ahead changes nothing but the time that a replay takes.
@Suite struct RecordingAheadTests {
    /// Every kind of line, faults between them, and a last line that is torn.
    private static let mixed =
        [
            #"{"recv_us":0,"conn":1,"open":"wss://x"}"#, #"{"sent_us":1,"conn":1,"sent":"{\"a\":\"b\"}"}"#,
            #"{"recv_us":2,"conn":1,"raw":"trade"}"#, "garbage", "", "  \r", #"{"recv_us":3,"conn":1,"raw":"book 1000 5"}"#,
            #"{"recv_us":4,"conn":1,"raw":"{\"quoted\":\"\\\"\u00e9\uD83D\uDE00\n\"}"}"#,
            #"{ "conn" : "1", "raw" : "\ttrade", "recv_us" : 5 }"#,
            #"{"recv_us":6,"conn":1,"raw":"cut \"#, #"{"recv_us":6,"conn":0,"raw":"trade"}"#, #"{"recv_us":7,"conn":1,"raw":"trade"} x"#,
            #"{"recv_us":8,"get":"/a\\b","status":200,"body":"{\"é\":1}"}"#, #"{"recv_us":9,"conn":1,"raw":"trade"}"#,
            #"{"recv_us":10,"conn":1,"raw":"\#(String(repeating: #"long \"word\" "#, count: 20))"}"#,
            #"{"recv_us":11,"conn":1,"close":1006,"reason":"gone \"away\""}"#, #"{"recv_us":12,"conn":2,"ra"#,
        ].joined(separator: "\n")

    /// All that a replay shows.
    private struct Outcome: Equatable {
        var lines: [String] = []
        var calls: [String] = []
        var counters = ""
        var rejects: String?
        var failure: ToolFailure?
    }

    private func outcome(_ recording: String, aheadBytes: Int, _ arguments: [String] = []) throws -> Outcome {
        let folder = TemporaryFolder()
        let paper = try Paper(["--rejects", folder.file("rejects")] + arguments)
        var replay = Replay(paper.engine, aheadBytes: aheadBytes)
        var outcome = Outcome()
        do { try replay.run(path: folder.write("recording", recording)) } catch { outcome.failure = error as? ToolFailure }
        (outcome.lines, outcome.calls) = (try paper.lines(), paper.venue.calls)
        outcome.counters = paper.output.allCounters.line
        outcome.rejects = folder.text("rejects")?.replacing(folder.path, with: "")
        return outcome
    }

    @Test func batchesThatEndAnywhere_giveWhatOneThreadGives() throws {
        let expected = try outcome(RecordingAheadTests.mixed, aheadBytes: 0)
        #expect(expected.calls.count == 10 && expected.counters.contains("skipped_recording_line=5") && expected.rejects != nil)
        for bytes in stride(from: 1, to: RecordingAheadTests.mixed.utf8.count, by: 25) {
            #expect(try outcome(RecordingAheadTests.mixed, aheadBytes: bytes) == expected, "\(bytes)")
        }
    }

    @Test func recordingThatEndsAnywhere_givesWhatOneThreadGives() throws {
        let bytes = Array(RecordingAheadTests.mixed.utf8)
        for count in stride(from: 0, to: bytes.count, by: 30) {
            let recording = String(decoding: bytes[..<count], as: UTF8.self)
            #expect(try outcome(recording, aheadBytes: 100) == outcome(recording, aheadBytes: 0), "\(count)")
        }
    }

    @Test func runThatEndsBeforeItsRecording_givesWhatOneThreadGives() throws {
        let recording = RecordingAheadTests.mixed + "\n" + (20...3000).map { #"{"recv_us":\#($0),"conn":1,"raw":"trade"}"# + "\n" }.joined()
        for arguments in [["--limit", "3"], ["--limit", "1500"], ["--strict"], ["--duration", "9us"], ["--duration", "2ms"]] {
            let expected = try outcome(recording, aheadBytes: 0, arguments)
            for bytes in [1, 100, 5000] {
                #expect(try outcome(recording, aheadBytes: bytes, arguments) == expected, "\(arguments) \(bytes)")
            }
        }
    }

    @Test func manyShortLines_fillABatchToo() throws {
        let recording = String(repeating: "\n", count: 10_000) + "x\n" + RecordingAheadTests.mixed
        #expect(try outcome(recording, aheadBytes: 1 << 20) == outcome(recording, aheadBytes: 0))
        let folder = TemporaryFolder()
        var reader = try LineReader.open(folder.write("recording", recording))
        let batch = RecordingBatch<UnreadFrames>(bytesMax: 1 << 20)
        let isGoingOn = batch.fill(from: &reader, bytesMax: 1 << 20, UnreadFrames())
        #expect(isGoingOn && batch.lines.count < 5000)
    }

    @Test func lineThatIsTooLong_isToldInItsPlace() throws {
        let folder = TemporaryFolder()
        var reader = try LineReader.open(folder.write("recording", "a\n\(String(repeating: "x", count: 300))\nb\n"), lineBytesMax: 200)
        let batch = RecordingBatch<UnreadFrames>(bytesMax: 1000)
        #expect(!batch.fill(from: &reader, bytesMax: 1000, UnreadFrames()))
        guard batch.lines.count == 3, case .other(let a) = batch.lines[0], case .tooLong(300) = batch.lines[1],
            case .other(let b) = batch.lines[2]
        else {
            Issue.record("\(batch.lines)")
            return
        }
        #expect(Array(batch.bytes(a)) == [0x61] && Array(batch.bytes(b)) == [0x62])
    }

    /// Keeps frames as they are.
    private final class Copies: FrameReader, ReadFrames, @unchecked Sendable {
        var frames: [[UInt8]] = []
        func read(_ frame: JSONText, onto frames: Copies) { frames.frames.append(frame.array) }
        func leave(onto frames: Copies) { frames.frames.append(Array("left".utf8)) }
        func removeAll() { frames.removeAll() }
    }

    @Test func framesThatCame_areRead_eachOnceAndInOrder() throws {
        let folder = TemporaryFolder()
        var reader = try LineReader.open(folder.write("recording", RecordingAheadTests.mixed))
        let batch = RecordingBatch<Copies>(bytesMax: 64)
        var count = 0
        while true {
            let isGoingOn = batch.fill(from: &reader, bytesMax: 64, Copies())
            let frames = batch.lines.compactMap { if case .received(_, let frame, _) = $0 { Array(batch.bytes(frame)) } else { nil } }
            #expect(batch.frames.frames == frames)
            count += frames.count
            if !isGoingOn { break }
        }
        #expect(count == 5)
    }

    @Test func linesThatAreHere_areTaken_withoutAnotherRead() throws {
        let folder = TemporaryFolder()
        var reader = try LineReader.open(folder.write("recording", RecordingAheadTests.mixed))
        let batch = RecordingBatch<Copies>(bytesMax: 1 << 20)
        batch.fill(fromHere: &reader, bytesMax: 1 << 20, Copies())
        #expect(batch.lines.isEmpty)
        _ = try reader.fill()
        batch.fill(fromHere: &reader, bytesMax: 1 << 20, Copies())
        #expect(batch.lines.count == 16 && batch.frames.frames.count == 5)
        batch.fill(fromHere: &reader, bytesMax: 1 << 20, Copies())
        #expect(batch.lines.isEmpty && batch.frames.frames.isEmpty)
    }

    @Test func readThatFails_isToldBehindTheLinesBefore() throws {
        // Reading a folder fails.
        let descriptor = open("/", O_RDONLY | O_DIRECTORY)
        defer { close(descriptor) }
        let ahead = try ReadAhead(descriptor: descriptor, name: "x", lineBytesMax: 1000, batchBytes: 1000, UnreadFrames())
        var batch = ahead.take()
        while batch == nil { batch = ahead.take() }
        guard case .failure(let failure) = batch?.sequel else { throw TestFault("no failure") }
        #expect(failure.status == .ioError && failure.message.hasPrefix("cannot read x:") && batch?.lines.isEmpty == true)
        #expect(ahead.stop())
    }

    @Test func stop_endsTheThread_whereverItIs() throws {
        let folder = TemporaryFolder()
        let path = folder.write("recording", String(repeating: "{}\n", count: 10_000))
        for batches in [0, 1, 2, 5, 100, 200] {
            let descriptor = open(path, O_RDONLY)
            defer { close(descriptor) }
            let ahead = try ReadAhead(descriptor: descriptor, name: "x", lineBytesMax: 1000, batchBytes: 100, UnreadFrames())
            for _ in 0..<batches {
                if let batch = ahead.take() { ahead.giveBack(batch) }
            }
            #expect(ahead.stop())
        }
    }

    @Test func pipe_isNotReadAhead() throws {
        var ends: [Int32] = [-1, -1]
        #expect(pipe(&ends) == 0)
        defer { ends.forEach { close($0) } }
        let replay = Replay(try Paper().engine)
        #expect(replay.readAhead(ends[0], name: "x") == nil)
    }

    @Test func framesBehindTheFirstBytes_areLeft_inTheirOrder() throws {
        let lines = (1...6).map { #"{"recv_us":\#($0),"conn":1,"raw":"frame \#($0)"}"# + "\n" }.joined()
        let folder = TemporaryFolder()
        var reader = try LineReader.open(folder.write("six", lines))
        let batch = RecordingBatch<Copies>(bytesMax: 1000)
        #expect(!batch.fill(from: &reader, bytesMax: 1000, readBytesMax: 20, Copies()))
        #expect(batch.lines.count == 6)
        #expect(
            batch.frames.frames.map { String(decoding: $0, as: UTF8.self) } == ["frame 1", "frame 2", "frame 3", "left", "left", "left"])
    }

    @Test func batchThatSomebodyHadToWaitFor_isLate() throws {
        let queue = try BatchQueue<Int>()
        #expect(!queue.put(1))
        _ = queue.take()
        #expect(!queue.put(2))
        _ = queue.take()
        guard case .nothing = queue.take() else { return #expect(Bool(false), "there was something") }
        #expect(queue.put(3))
        #expect(!queue.put(4))
    }
}
