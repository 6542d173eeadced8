import FeedSession
import TestSupport
import Testing
import UnixTool

@Suite struct MarketsFileTests {
    private let folder = TemporaryFolder()

    private func failure(_ text: String) -> ToolFailure? {
        #expect(throws: ToolFailure.self) { try MarketsFile.read(folder.write("markets", text)) }
    }

    @Test func commentsAndBlankLines_doNotCount() throws {
        let text = "# mine\n\nfirst\n  second  # why\n\t\n#third\nevent:fourth#x\nhttps://polymarket.com/event/a/b?tid=1#top"
        #expect(
            try MarketsFile.read(folder.write("markets", text)) == [
                "first", "second", "event:fourth", "https://polymarket.com/event/a/b?tid=1",
            ])
    }

    @Test func windowsLines_andAFileWithoutALastNewline_areRead() throws {
        #expect(try MarketsFile.read(folder.write("markets", "a\r\nb\r\n\r\nc")) == ["a", "b", "c"])
    }

    @Test func emptyFile_namesNothing() throws {
        #expect(try MarketsFile.read(folder.write("markets", "")) == [])
        #expect(try MarketsFile.read(folder.write("markets", "# nothing yet\n")) == [])
    }

    @Test func missingFile_isNoInput() {
        let failure = #expect(throws: ToolFailure.self) { try MarketsFile.read(folder.file("none")) }
        #expect(failure?.status == .noInput && failure?.message.contains("none") == true)
    }

    /// The second word would be dropped in silence.
    @Test func twoMarketsOnALine_areAnError_thatNamesTheLine() {
        let failure = failure("a\n# b c\nb c\n")
        #expect(failure?.status == .usage && failure?.message.contains("markets:3") == true)
    }

    @Test func bytesThatAreNoText_areAnError() {
        #expect(throws: ToolFailure.self) { try MarketsFile.read(folder.write("markets", [0xFF, 0x0A])) }
    }
}
