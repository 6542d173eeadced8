import Glibc
import Testing
import UnixTool

@testable import mkt_sink

@Suite struct TornTailTests {
    private let directory = TemporaryDirectory()

    private func cut(_ path: String) throws -> Int64 {
        let descriptor = open(path, O_RDWR)
        defer { close(descriptor) }
        return try TornTail.cut(descriptor, path)
    }

    @Test(arguments: [("", 0, ""), ("a\nb\n", 0, "a\nb\n"), ("a\nbc", 2, "a\n"), ("torn", 4, "")])
    func aTornLastLine_isCutOff(before: String, bytes: Int64, kept: String) throws {
        let path = directory("torn")
        try TextFile.replace(path, with: before)
        #expect(try cut(path) == bytes)
        #expect(try TextFile.read(path) == kept)
    }

    @Test func aTornLine_mayBeLongerThanWhatIsReadAtOnce() throws {
        let path = directory("long")
        try TextFile.replace(path, with: "a\n" + String(repeating: "x", count: 200_000))
        #expect(try cut(path) == 200_000)
        #expect(try TextFile.read(path) == "a\n")
    }
}
