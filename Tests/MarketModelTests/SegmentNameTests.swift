import MarketModel
import Testing

@Suite struct SegmentNameTests {
    private func safe(_ name: String) -> String {
        var name = name
        return name.withUTF8 { SegmentName.safe($0) }
    }

    @Test(arguments: [
        ("kalshi", "kalshi"), ("pm-2_b", "pm-2_b"), ("a.b", "a.b"), ("..", "%2E."), ("../../etc/passwd", "%2E.%2F..%2Fetc%2Fpasswd"),
        ("", ""), (".hidden", "%2Ehidden"), ("a%2F", "a%252F"), ("a\u{0}\n ", "a%00%0A%20"), ("ü", "%C3%BC"),
    ])
    func aFeedsName_cannotLeaveItsDirectory(name: String, expected: String) {
        #expect(safe(name) == expected)
    }

    @Test func longNames_areCutAndStayDifferent() {
        let (left, right) = (String(repeating: "x", count: 5000) + "1", String(repeating: "x", count: 5000) + "2")
        #expect(safe(left).utf8.count < 200)
        #expect(safe(left) != safe(right))
    }

    @Test(
        arguments: [
            (1_790_363_624_400_000, "2026/09/25"), (0, "1970/01/01"), (86_399_999_999, "1970/01/01"), (86_400_000_000, "1970/01/02"),
            (-1, "1969/12/31"),
        ] as [(Int64, String)])
    func theFolder_isThatOfTheDay(micros: Int64, folder: String) {
        #expect(SegmentName.folder(of: Timestamp(micros: micros)) == folder)
    }

    @Test(
        arguments: [
            (0, 0, "pm", "00-pm.ndjson"), (23, 1, "pm", "23.0001-pm.ndjson"), (9, 12_345, "a.b-1", "09.12345-a.b-1.ndjson"),
            (7, 0, "", "07-.ndjson"), (7, 0, "x.1", "07-x.1.ndjson"), (7, 0, ".ndjson", "07-.ndjson.ndjson"),
        ] as [(Int64, Int, String, String)])
    func aName_isWrittenAndRead(hour: Int64, number: Int, feed: String, file: String) {
        let name = SegmentName(hour: hour, number: number, feed: feed)
        #expect(name.file == file)
        #expect(SegmentName(file) == name)
        #expect(name.openFile == ".\(file).open")
        #expect(SegmentName(name.openFile) == name)
    }

    @Test(arguments: [
        "manifest.ndjson", "pm.ndjson", "24-pm.ndjson", "7-pm.ndjson", "007-pm.ndjson", "07.1-pm.ndjson", "07.0000-pm.ndjson",
        "07.0001.2-pm.ndjson", "07.00012-pm.ndjson", "+7-pm.ndjson", "07-pm.ndjson.zst", "07-pm.json", ".07-pm.ndjson", "07-pm.ndjson.open",
        "",
        "07-\u{FFFD}.ndjson", "07-ü.ndjson", "07-a b.ndjson", "07-../x.ndjson", ".07-ü.ndjson.open",
        "-.ndjson", "07.1000000001-pm.ndjson", "07.9223372036854775807-pm.ndjson", "07.9223372036854775808-pm.ndjson",
    ])
    func anyOtherName_isNone(file: String) {
        #expect(SegmentName(file) == nil)
    }

    @Test(
        arguments: [
            ("07-pm.ndjson", "07-pm.ndjson", ""), (".07-pm.ndjson.open", "07-pm.ndjson", ""), ("07-pm.ndjson.zst", "07-pm.ndjson", ".zst"),
            ("07.0001-a.ndjson.tar.xz", "07.0001-a.ndjson", ".tar.xz"), ("07-a.ndjson.ndjson.gz", "07-a.ndjson.ndjson", ".gz"),
            ("07-a.ndjson.gz.ndjson", "07-a.ndjson.gz.ndjson", ""),
        ])
    func aFile_isOfASegment_whateverCompressedIt(file: String, name: String, ending: String) {
        let parts = SegmentName.parts(of: file)
        #expect(parts?.name.file == name)
        #expect(parts?.ending == Substring(ending))
    }

    @Test(arguments: [".07-pm.ndjson.zst", "7-pm.ndjson.zst", "manifest.jsonl", "pm.ndjson.gz", "", ".ndjson.gz"])
    func anyOtherFile_isOfNone(file: String) {
        #expect(SegmentName.parts(of: file) == nil)
    }

    @Test(
        arguments: [
            ("2026", true), ("09", true), ("-0001", true), ("", false), ("-", false), ("+7", false), ("24.bak", false), ("٣", false),
        ])
    func onlyNumbers_areFolders(name: String, isFolder: Bool) {
        #expect(SegmentName.isFolder(name) == isFolder)
    }

    @Test func namesInByteOrder_areInTheOrderOfTheirBeginning() {
        let files = [0, 1, 2, 10, 9999].map { SegmentName(hour: 7, number: $0, feed: "pm").file }
        #expect(files.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } == files)
    }
}
