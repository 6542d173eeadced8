import Glibc
import JSON
import MarketModel
import TestSupport
import Testing
import UnixTool

@testable import FeedSession

/// What is recorded is what happened: byte for byte, in its order, for nobody else's eyes.
@Suite struct RecorderTests {
    private let folder = TemporaryFolder()

    /// An entry with texts of its own.
    private struct Happening: Equatable {
        enum Kind: CaseIterable { case opened, sent, received, closed, answered }
        var kind: Kind
        var conn: Int64 = 0
        var text: [UInt8] = []
        var body: [UInt8] = []
        var number: Int64 = 0
        var retryMicros: Int64?
        var time: Int64

        func with(_ take: (RecordingEntry) throws -> Void) rethrows {
            try text.withUnsafeBufferPointer { text in
                try body.withUnsafeBufferPointer { body in
                    let (text, body, time) = (JSONText(text), JSONText(body), Timestamp(micros: time))
                    switch kind {
                    case .opened: try take(.opened(conn: conn, at: time))
                    case .sent: try take(.sent(conn: conn, frame: text, at: time))
                    case .received: try take(.received(conn: conn, frame: text, at: time))
                    case .closed: try take(.closed(conn: conn, code: number, reason: text, retryMicros: retryMicros, at: time))
                    case .answered: try take(.answered(path: text, status: number, body: body, at: time))
                    }
                }
            }
        }

        init(kind: Kind, conn: Int64 = 0, text: [UInt8] = [], body: [UInt8] = [], number: Int64 = 0, retry: Int64? = nil, time: Int64) {
            (self.kind, self.conn, self.text, self.body, self.number, self.retryMicros, self.time) =
                (kind, conn, text, body, number, retry, time)
        }

        init(_ entry: RecordingEntry) {
            switch entry {
            case .opened(let conn, let time): self.init(kind: .opened, conn: conn, time: time.micros)
            case .sent(let conn, let frame, let time): self.init(kind: .sent, conn: conn, text: frame.array, time: time.micros)
            case .received(let conn, let frame, let time): self.init(kind: .received, conn: conn, text: frame.array, time: time.micros)
            case .closed(let conn, let code, let reason, let retry, let time):
                let reason = Array((reason?.string ?? "none").utf8)
                self.init(kind: .closed, conn: conn, text: reason, number: code, retry: retry, time: time.micros)
            case .answered(let path, let status, let body, let time):
                self.init(kind: .answered, text: Array(path.string.utf8), body: body.array, number: status, time: time.micros)
            }
        }
    }

    private func write(_ happenings: [Happening], to name: String = "recording") throws {
        var recorder = try Recorder(path: folder.file(name))
        for happening in happenings { try happening.with { try recorder.write($0, address: "wss://x/ws?a=\"b\"") } }
        try recorder.flush()
    }

    private func read(_ name: String = "recording") throws -> [Happening] {
        var reader = RecordingReader()
        return try (folder.read(name) ?? []).split(separator: 0x0A).map { line in
            try Array(line).withUnsafeBufferPointer { Happening(try reader.read($0)) }
        }
    }

    /// Characters of every length, quotes, backslashes, and every control that a frame may hold.
    private static func text(_ chance: inout SeededGenerator, characters: Int) -> [UInt8] {
        let odd: [Unicode.Scalar] = [
            "\"", "\\", "/", "\u{0}", "\n", "\r", "\u{7F}", "\u{85}", "\u{2028}", "é", "€", "😀", "\u{FEFF}", "\u{10FFFF}",
        ]
        var text = String.UnicodeScalarView()
        for _ in 0..<characters {
            text.append(chance.chance(2) ? chance.pick(odd) : Unicode.Scalar(UInt8(chance.below(128))))
        }
        return Array(String(text).utf8)
    }

    private static func happening(_ chance: inout SeededGenerator) -> Happening {
        let kind = chance.pick(Happening.Kind.allCases)
        let conn = kind == .answered ? 0 : chance.pick([1, 2, 40, Int64.max])
        let length = chance.pick([0, 1, 3, 40, 4000])
        return Happening(
            kind: kind, conn: conn, text: kind == .opened ? [] : text(&chance, characters: length),
            body: kind == .answered ? text(&chance, characters: chance.below(2000)) : [],
            number: kind == .closed ? chance.pick([1000, 1005, 1006, 4999]) : kind == .answered ? chance.pick([200, 404, 599]) : 0,
            retry: kind == .closed && chance.chance(2) ? Int64(chance.below(1 << 40)) : nil,
            time: chance.pick([0, 1_790_000_000_000_000, 1 << 53]))
    }

    @Test(arguments: 0..<20) func whateverHappened_isReadBackAsItWas(seed: Int) throws {
        var chance = SeededGenerator(seed: UInt64(seed))
        let happenings = (0..<200).map { _ in RecorderTests.happening(&chance) }
        try write(happenings)
        #expect(try read() == happenings)
    }

    @Test func everyByteOfASCII_survivesInFramesPathsBodiesAndReasons() throws {
        let all = Array(0...127) as [UInt8]
        let happenings = [
            Happening(kind: .received, conn: 1, text: all, time: 1), Happening(kind: .sent, conn: 1, text: all, time: 2),
            Happening(kind: .closed, conn: 1, text: all, number: 1000, time: 3),
            Happening(kind: .answered, text: all, body: all, number: 200, time: 4),
        ]
        try write(happenings)
        #expect(try read() == happenings)
        #expect(folder.read("recording")?.filter { $0 == 0x0A }.count == 4)
    }

    @Test func lines_areThoseOfTheContract() throws {
        try write([
            Happening(kind: .opened, conn: 1, time: 1), Happening(kind: .sent, conn: 1, text: Array("PING".utf8), time: 2),
            Happening(kind: .received, conn: 1, text: Array("[]\n".utf8), time: 3),
            Happening(kind: .answered, text: Array("/books".utf8), body: Array("[]".utf8), number: 200, time: 4),
            Happening(kind: .closed, conn: 1, text: Array("bye".utf8), number: 1000, time: 5),
            Happening(kind: .closed, conn: 2, text: [], number: 1006, retry: 250, time: 6),
        ])
        #expect(
            folder.text("recording") == #"""
                {"recv_us":1,"conn":1,"open":"wss://x/ws?a=\"b\""}
                {"sent_us":2,"conn":1,"sent":"PING"}
                {"recv_us":3,"conn":1,"raw":"[]\n"}
                {"recv_us":4,"get":"/books","status":200,"body":"[]"}
                {"recv_us":5,"conn":1,"close":1000,"reason":"bye"}
                {"recv_us":6,"conn":2,"close":1006,"reason":"","retry_in_us":250}

                """#)
    }

    @Test func file_isForItsOwnerOnly_andIsAppendedTo() throws {
        try write([Happening(kind: .opened, conn: 1, time: 1)])
        var status = stat()
        #expect(stat(folder.file("recording"), &status) == 0 && status.st_mode & 0o777 == 0o600)
        try write([Happening(kind: .opened, conn: 1, time: 2)])
        #expect(try read().map(\.time) == [1, 2])
    }

    @Test func reopening_writesToTheNewFile_whatCameBeforeIsInTheOldOne() throws {
        var recorder = try Recorder(path: folder.file("recording"))
        try recorder.write(.opened(conn: 1, at: Timestamp(micros: 1)))
        #expect(rename(folder.file("recording"), folder.file("recording.1")) == 0)
        try recorder.reopen()
        try recorder.write(.opened(conn: 2, at: Timestamp(micros: 2)))
        try recorder.flush()
        #expect(try read("recording.1").map(\.conn) == [1] && read().map(\.conn) == [2])
    }

    @Test func bigFrames_areWrittenBeforeAnyoneAsks() throws {
        var recorder = try Recorder(path: folder.file("recording"))
        let happening = Happening(kind: .received, conn: 1, text: [UInt8](repeating: 0x41, count: 5 << 20), time: 1)
        try happening.with { try recorder.write($0) }
        #expect(try read() == [happening])
        try recorder.flush()
        #expect(try read().count == 1)
    }

    @Test func placeThatCannotBe_isAnErrorBeforeTheRun() {
        let failure = #expect(throws: ToolFailure.self) { _ = try Recorder(path: folder.file("none/recording")) }
        #expect(failure?.status == .cannotCreate && failure?.message.contains("--record") == true)
    }

    @Test func fullDisk_isAnErrorThatNamesTheFile() throws {
        var recorder = try Recorder(path: "/dev/full")
        try recorder.write(.opened(conn: 1, at: Timestamp(micros: 1)))
        var failure: ToolFailure?
        do { try recorder.flush() } catch { failure = error }
        #expect(failure?.status == .ioError && failure?.message.contains("/dev/full") == true)
    }
}
