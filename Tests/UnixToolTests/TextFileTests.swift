import Glibc
import TestSupport
import Testing

@testable import UnixTool

@Suite struct TextFileTests {
    private let folder = TemporaryFolder()

    @Test func file_isReadWhole_orIsNil() throws {
        let long = String(repeating: "é\n", count: 100_000)
        #expect(try TextFile.read(folder.write("a", long)) == long)
        #expect(try TextFile.read(folder.write("b", "")) == "")
        #expect(try TextFile.read(folder.file("absent")) == nil)
        #expect(try TextFile.read(folder.file("a/below")) == nil)
        #expect(throws: ToolFailure.self) { try TextFile.read(folder.path) }
    }

    @Test func replace_thatFails_leavesTheOldFileAndNothingElse() throws {
        try TextFile.replace(folder.file("a"), with: "old")
        #expect(makeFolder(folder.file("b")))
        folder.write("b/x", "")
        #expect(throws: ToolFailure.self) { try TextFile.replace(folder.file("b"), with: "new") }
        #expect(folder.text("a") == "old")
        #expect(folder.names == ["a", "b"])
    }
}
