import Glibc
import JSON
import TestSupport
import Testing

@testable import UnixTool

/// A writer that never waits, and readers that stop and go on. Where it did wait, these tests would not end.
@Suite(.timeLimit(.minutes(2))) struct QueuedLineWriterTests {
    private func writer(_ reader: TestReader, isLineBuffered: Bool = false) -> LineWriter {
        let folder = reader.kind == .pipeAsked || reader.kind == .terminalAsked ? "/nowhere" : "/proc/self/fd"
        return LineWriter(
            reader.writeEnd, isLineBuffered, queue: OutputQueue(NonwaitingOutput(reader.writeEnd, folder: folder)))
    }

    private func put(_ writer: inout LineWriter, _ line: String) throws {
        let start = writer.buffer.count
        writer.buffer.append(utf8: line + "\n")
        try writer.endLine(from: start)
    }

    /// One turn of a loop: asks what is possible, without waiting, and does it.
    private func turn(_ writer: inout LineWriter) throws {
        var polls: [pollfd] = []
        writer.appendPoll(&polls)
        #expect(polls.count == 1)
        if poll(&polls, 1, 0) > 0 { try writer.take(polls[0]) }
    }

    @Test(arguments: TestReader.Kind.allCases) func wayOfWriting_isThatOfTheDescriptor(_ kind: TestReader.Kind) {
        let reader = TestReader(kind)
        let way = NonwaitingOutput(reader.writeEnd, folder: kind == .pipe || kind == .terminal ? "/proc/self/fd" : "/nowhere").way
        #expect(way == (kind == .socket ? .socket : kind == .pipe || kind == .terminal ? .reopened : .asked))
    }

    /// Far more than anything between the two holds, and a reader that reads at random moments and in random sizes.
    @Test(arguments: TestReader.Kind.allCases) func readerThatStops_getsEveryByteOnce(_ kind: TestReader.Kind) throws {
        let isTerminal = kind == .terminal || kind == .terminalAsked
        for seed in 1...3 as ClosedRange<UInt64> {
            var chance = SeededGenerator(seed: seed)
            let reader = TestReader(kind)
            let flags = fcntl(reader.writeEnd, F_GETFL)
            var writer = writer(reader)
            var expected: [UInt8] = []
            var mostPending = 0
            for number in 0..<(isTerminal ? 3000 : 10_000) {
                let line = "line \(number) " + String(repeating: "x", count: chance.below(isTerminal ? 200 : 2000))
                try put(&writer, line)
                expected += Array((line + "\n").utf8)
                if chance.chance(50) { try turn(&writer) }
                if chance.chance(500) { reader.read(atMost: chance.below(600_000)) }
                let (pending, written) = (writer.pendingCount, writer.byteCount)
                mostPending = max(mostPending, pending)
                #expect(pending + Int(written) == expected.count)
            }
            #expect(mostPending > 100_000)
            let lines = writer.pendingLineCount
            let got = reader.bytes.count
            reader.read(atMost: .max)
            #expect(lines > 0 && reader.bytes.count > got)
            while case let pending = writer.pendingCount, pending > 0 {
                try turn(&writer)
                reader.read(atMost: 1 + chance.below(200_000))
            }
            reader.read(atMost: .max)
            #expect(reader.bytes == expected, "seed \(seed)")
            #expect(fcntl(reader.writeEnd, F_GETFL) == flags)
        }
    }

    @Test(arguments: TestReader.Kind.allCases) func readerThatGoes_isNoticedAtOnce_thoughNothingWaits(_ kind: TestReader.Kind) throws {
        let reader = TestReader(kind)
        var writer = writer(reader)
        try put(&writer, "a")
        try writer.flush()
        let pending = writer.pendingCount
        #expect(pending == 0)
        try turn(&writer)
        reader.closeRead()
        do {
            try turn(&writer)
            Issue.record("a reader that is gone was not noticed")
        } catch { #expect(error is ReaderGone) }
        do {
            try put(&writer, "b")
            try writer.flush()
            Issue.record("the line went nowhere")
        } catch { #expect(error is ReaderGone) }
    }

    @Test func readerThatGoesWhileLinesWait_isTheQuietEnd() throws {
        for kind in TestReader.Kind.allCases {
            let reader = TestReader(kind)
            var writer = writer(reader)
            do {
                for _ in 0..<3000 { try put(&writer, String(repeating: "x", count: 1000)) }
                reader.closeRead()
                try turn(&writer)
                Issue.record("\(kind): a reader that is gone was not noticed")
            } catch { #expect(error is ReaderGone, "\(kind)") }
        }
    }

    @Test func lines_waitForTheFlush_asTheyDoElsewhere() throws {
        let reader = TestReader(.pipe)
        var writer = writer(reader)
        try put(&writer, "a")
        reader.read(atMost: .max)
        #expect(reader.bytes.isEmpty)
        try writer.flushIfDue(nowMicros: 0)
        try writer.flushIfDue(nowMicros: 5000)
        reader.read(atMost: .max)
        #expect(reader.bytes == Array("a\n".utf8))
        var eager = self.writer(reader, isLineBuffered: true)
        try put(&eager, "b")
        reader.read(atMost: .max)
        #expect(reader.bytes == Array("a\nb\n".utf8))
    }

    @Test func regularFile_isWrittenAtItsEnd_andNothingWaits() throws {
        let folder = TemporaryFolder()
        folder.write("out", "old\n")
        let file = open(folder.file("out"), O_WRONLY | O_APPEND)
        defer { close(file) }
        let flags = fcntl(file, F_GETFL)
        var writer = LineWriter(descriptor: file, isQueued: true)
        for number in 0..<20_000 { try put(&writer, "line \(number)") }
        try writer.flush()
        let pending = writer.pendingCount
        #expect(pending == 0)
        let lines = (folder.text("out") ?? "").split(separator: "\n")
        #expect(lines.count == 20_001 && lines.first == "old" && lines.last == "line 19999")
        #expect(fcntl(file, F_GETFL) == flags)
    }

    @Test func devices_takeAllOrSayWhyNot() throws {
        let (null, full) = (open("/dev/null", O_WRONLY), open("/dev/full", O_WRONLY))
        defer { for device in [null, full] { close(device) } }
        var writer = LineWriter(descriptor: null, isQueued: true)
        for number in 0..<20_000 { try put(&writer, "line \(number)") }
        try turn(&writer)
        let (pending, way) = (writer.pendingCount, NonwaitingOutput(null).way)
        #expect(pending == 0 && way == .reopened)
        #expect(fcntl(null, F_GETFL) & O_NONBLOCK == 0)
        var lost = LineWriter(descriptor: full, isQueued: true)
        try put(&lost, "a")
        #expect { try lost.flush() } throws: { ($0 as? ToolFailure)?.status == .ioError }
    }

    @Test func closedDescriptor_isAnIOError_notAReaderThatIsGone() throws {
        let nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC)
        let high = fcntl(nowhere, F_DUPFD_CLOEXEC, 900)
        close(nowhere)
        close(high)
        var writer = LineWriter(descriptor: high, isQueued: true)
        try put(&writer, "a")
        #expect { try writer.flush() } throws: { ($0 as? ToolFailure)?.status == .ioError }
        #expect { try turn(&writer) } throws: { ($0 as? ToolFailure)?.status == .ioError }
    }

    /// The emulator's side of a pseudo-terminal: opening it anew would make another terminal, and the lines would go there.
    @Test func terminalEmulatorsSide_isNotOpenedAnew() {
        let emulator = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        defer { close(emulator) }
        let way = NonwaitingOutput(emulator).way
        #expect(way == .asked)
    }

    @Test func ownDescriptor_isClosedWithTheWriter_soThatTheReaderSeesTheEnd() throws {
        let pipe = TestPipe()
        do {
            var writer = LineWriter(descriptor: pipe.writeEnd, isQueued: true)
            try put(&writer, "a")
            try writer.flush()
        }
        pipe.closeWrite()
        var bytes = [UInt8](repeating: 0, count: 16)
        #expect(read(pipe.readEnd, &bytes, 16) == 2)
        #expect(read(pipe.readEnd, &bytes, 16) == 0)
    }

    @Test func lastFlush_givesUpAtItsDeadline_andCountsLines() throws {
        let reader = TestReader(.pipe)
        var writer = writer(reader)
        for number in 0..<3000 { try put(&writer, "\(number) " + String(repeating: "x", count: 1000)) }
        let left = try writer.flush(untilMonotonicMicros: Clock.monotonicMicros() + 20_000)
        let byteCount = writer.byteCount
        reader.read(atMost: .max)
        let whole = reader.bytes.reduce(into: 0) { if $1 == 10 { $0 += 1 } }
        #expect(left > 0 && Int(left) == 3000 - whole && Int(byteCount) == reader.bytes.count)
    }

    @Test func lastFlush_waitsForAReaderThatReads() async throws {
        let pipe = TestPipe()
        let readEnd = pipe.readEnd
        var writer = LineWriter(descriptor: pipe.writeEnd, isQueued: true)
        for number in 0..<50_000 { try put(&writer, "\(number) " + String(repeating: "x", count: 100)) }
        let reader = Task.detached {
            var (total, chunk) = (0, [UInt8](repeating: 0, count: 10_000))
            while case let count = read(readEnd, &chunk, chunk.count), count > 0 {
                total += count
                if chunk[..<count].contains(UInt8(ascii: "!")) { break }
            }
            return total
        }
        try put(&writer, "!")
        let left = try writer.flush(untilMonotonicMicros: Clock.monotonicMicros() + 60_000_000)
        let bytes = writer.byteCount
        #expect(left == 0)
        #expect(await reader.value == Int(bytes))
    }

    @Test func writerThatWaits_hasNothingToPoll() throws {
        let pipe = TestPipe()
        let writer = LineWriter(descriptor: pipe.writeEnd)
        var polls: [pollfd] = []
        writer.appendPoll(&polls, isWanted: true)
        let isQueued = writer.isQueued
        #expect(polls.isEmpty && !isQueued)
    }

    @Test func wantedPoll_wakesWhenTheReaderHasRoom_elseOnlyWhenItIsGone() throws {
        let reader = TestReader(.pipe)
        let writer = writer(reader)
        var polls: [pollfd] = []
        writer.appendPoll(&polls)
        writer.appendPoll(&polls, isWanted: true)
        #expect(poll(&polls, 2, 0) == 1 && polls[0].revents == 0 && polls[1].revents == Int16(POLLOUT))
    }
}
