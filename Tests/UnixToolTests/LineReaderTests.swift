import Glibc
import TestSupport
import Testing
import UnixTool

@Suite struct LineReaderTests {
    private let folder = TemporaryFolder()

    private func lines(_ path: String) throws -> [String] {
        var reader = try LineReader.open(path)
        var lines: [String] = []
        while true {
            switch reader.next() {
            case .line(let bytes): lines.append(String(decoding: bytes, as: UTF8.self))
            case .unterminated(let bytes): lines.append("torn " + String(decoding: bytes, as: UTF8.self))
            case .tooLong(let bytes): lines.append("long \(bytes)")
            case .none:
                if reader.isAtEnd { return lines }
                _ = try reader.fill()
            }
        }
    }

    @Test func file_isReadLineByLine() throws {
        #expect(try lines(folder.write("a", "1\n\n3\ntail")) == ["1", "", "3", "torn tail"])
        #expect(try lines(folder.write("b", "")) == [])
        let many = (0..<100_000).map { "line \($0)" }
        #expect(try lines(folder.write("c", many.joined(separator: "\n") + "\n")) == many)
    }

    @Test func missingFileOrFolder_isNoInput_withItsName() {
        for path in [folder.file("absent"), folder.path] {
            do {
                _ = try LineReader.open(path)
                Issue.record("\(path) was opened")
            } catch {
                #expect(error.status == .noInput)
                #expect(error.message.contains(path))
            }
        }
    }

    @Test func minus_isStandardInput() throws {
        let reader = try LineReader.open("-")
        #expect(reader.descriptor == 0)
        #expect(reader.name == "standard input")
    }

    @Test func pipe_endsWhenItsWriterIsGone() throws {
        let pipe = TestPipe()
        pipe.send("a\nb")
        var reader = LineReader(descriptor: pipe.readEnd, name: "a pipe")
        let isFilled = try reader.fill()
        #expect(isFilled && !reader.isAtEnd)
        guard case .line = reader.next(), case .none = reader.next() else { return #expect(Bool(false), "not one line") }
        pipe.closeWrite()
        let isFilledAgain = try reader.fill()
        #expect(!isFilledAgain && reader.isAtEnd)
        guard case .unterminated(let rest) = reader.next() else { return #expect(Bool(false), "the rest is gone") }
        #expect(String(decoding: rest, as: UTF8.self) == "b")
    }

    @Test func nonBlockingPipeWithoutBytes_isNotItsEnd() throws {
        let pipe = TestPipe()
        _ = fcntl(pipe.readEnd, F_SETFL, O_NONBLOCK)
        var reader = LineReader(descriptor: pipe.readEnd, name: "a pipe")
        let isFilled = try reader.fill()
        #expect(!isFilled && !reader.isAtEnd)
    }

    @Test func closedDescriptor_isAnIOError() {
        var reader = LineReader(descriptor: -1, name: "nothing")
        do {
            _ = try reader.fill()
            Issue.record("nothing was read")
        } catch {
            #expect(error.status == .ioError)
            #expect(error.message.hasPrefix("cannot read nothing: "))
        }
    }
}
