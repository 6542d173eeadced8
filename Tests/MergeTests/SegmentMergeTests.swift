import Logging
import TestSupport
import Testing
import UnixTool

@testable import mkt_merge

@Suite struct SegmentMergeTests {
    private let folder = TemporaryFolder()
    private var path: String { folder.path }
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func write(_ name: String, _ times: [Int64], tail: String = "", isTold: Bool = true) throws {
        try TextFile.replace("\(path)/\(name)", with: times.map { "{\"recv_us\":\($0)}\n" }.joined() + tail)
        guard isTold, let first = times.min(), let last = times.max() else { return }
        let line = #"{"name":"\#(name)","lines":1,"bytes":1,"first_recv_us":\#(first),"last_recv_us":\#(last)}"#
        try TextFile.replace("\(path)/manifest.jsonl", with: (TextFile.read("\(path)/manifest.jsonl") ?? "") + line + "\n")
    }

    /// The lines in the order in which they come.
    private func read(times: LineFilter = LineFilter()) throws -> [String] {
        let merge = SegmentMerge(try SegmentListing(path, logger), times: times)
        var lines: [String] = []
        while true {
            switch merge.advance(LineFilter()) {
            case .line: lines.append(merge.current.map { "\($0.headReceived) \($0.name.split(separator: "/").last ?? "")" } ?? "")
            case .fault(let fault): lines.append(fault.counter)
            case .none: try merge.fill()
            case .ended: return lines
            }
        }
    }

    @Test func lines_comeInOrderOfTime_thenOfFeedAndNumber() throws {
        try write("00-b.ndjson", [1, 5, 9])
        try write("00-a.ndjson", [5, 6])
        try write("00.0002-a.ndjson", [6, 7])
        try write("00.0010-a.ndjson", [2, 6])
        #expect(
            try read() == [
                "1 00-b.ndjson", "2 00.0010-a.ndjson", "5 00-a.ndjson", "5 00-b.ndjson", "6 00-a.ndjson", "6 00.0002-a.ndjson",
                "6 00.0010-a.ndjson", "7 00.0002-a.ndjson", "9 00-b.ndjson",
            ])
    }

    @Test func aLineBehindANewerOne_goesRightBehindIt() throws {
        try write("00-a.ndjson", [10, 3, 12])
        try write("00-b.ndjson", [4, 11])
        #expect(try read() == ["4 00-b.ndjson", "10 00-a.ndjson", "3 00-a.ndjson", "11 00-b.ndjson", "12 00-a.ndjson"])
    }

    @Test func whatIsWrittenTo_givesItsWholeLines() throws {
        try write(".01-a.ndjson.open", [7, 8], tail: #"{"recv_us":9}"#, isTold: false)
        try write("00-a.ndjson", [1], isTold: false)
        #expect(try read() == ["1 00-a.ndjson", "7 .01-a.ndjson.open", "8 .01-a.ndjson.open"])
    }

    @Test func segmentsOutsideTheTimes_areNotOpened() throws {
        // Nobody could read these lines without telling a fault.
        try write("00-a.ndjson", [1, 2], tail: "no line\n")
        try write("01-a.ndjson", [3, 4])
        try write("02-a.ndjson", [5, 6], tail: "no line\n")
        #expect(try read(times: LineFilter(from: 3, to: 5)) == ["3 01-a.ndjson", "4 01-a.ndjson"])
    }

    @Test func besideAFile_aCompressedOneDoesNotCount() throws {
        try write("00-a.ndjson", [1])
        try TextFile.replace("\(path)/00-a.ndjson.gz", with: "half of it")
        #expect(try read() == ["1 00-a.ndjson"])
    }

    @Test func aDamagedCompressedFile_isAnError() throws {
        try TextFile.replace("\(path)/00-a.ndjson.gz", with: "no gzip at all")
        let failure = #expect(throws: ToolFailure.self) { _ = try read() }
        #expect(failure?.status == .ioError)
    }

    @Test func aDirectoryWithoutSegments_isAnError() throws {
        try TextFile.replace("\(path)/a.ndjson", with: "{}\n")
        let failure = #expect(throws: ToolFailure.self) { _ = try read() }
        #expect(failure?.status == .noInput)
    }
}
