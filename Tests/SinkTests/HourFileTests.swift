import Glibc
import Testing
import UnixTool

@testable import mkt_sink

@Suite struct HourFileTests {
    private let directory = TemporaryDirectory()

    private func append(_ lines: [String], to path: String) throws -> Int64 {
        let file = try HourFile(path: path, hour: 0, feed: [])
        for var line in lines { try line.withUTF8 { try file.take($0) } }
        try file.flush()
        return file.cutBytes
    }

    @Test(arguments: [("", 0, ""), ("a\nb\n", 0, "a\nb\n"), ("a\nbc", 2, "a\n"), ("torn", 4, "")])
    func aTornLastLine_isCutOff(before: String, cut: Int64, kept: String) throws {
        let path = directory("torn")
        try TextFile.replace(path, with: before)
        #expect(try append(["{}"], to: path) == cut)
        #expect(try TextFile.read(path) == kept + "{}\n")
    }

    @Test func aTornLine_mayBeLongerThanWhatIsReadAtOnce() throws {
        let path = directory("long")
        try TextFile.replace(path, with: "a\n" + String(repeating: "x", count: 200_000))
        #expect(try append([], to: path) == 200_000)
        #expect(try TextFile.read(path) == "a\n")
    }

    @Test func aSecondWriter_isRefused() throws {
        let path = directory("two")
        let first = try HourFile(path: path, hour: 0, feed: [])
        let failure = #expect(throws: ToolFailure.self) { _ = try HourFile(path: path, hour: 0, feed: []) }
        #expect(failure?.status == .tryLater)
        withExtendedLifetime(first) {}
    }
}
