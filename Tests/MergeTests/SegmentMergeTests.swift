import Glibc
import Logging
import Segments
import TestSupport
import Testing
import UnixTool

@testable import mkt_merge

@Suite struct SegmentMergeTests {
    private let folder = TemporaryFolder()
    private var path: String { folder.path }
    private let faults = SegmentFaults(isStrict: false, Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })

    private func write(_ name: String, _ times: [Int64], tail: String = "", isTold: Bool = true) throws {
        let text = times.map { "{\"recv_us\":\($0)}\n" }.joined() + tail
        try TextFile.replace("\(path)/\(name)", with: text)
        guard isTold, let first = times.min(), let last = times.max() else { return }
        let sizes = #""lines":\#(text.split(separator: "\n").count),"bytes":\#(text.utf8.count)"#
        try tell(#"{"name":"\#(name)",\#(sizes),"first_recv_us":\#(first),"last_recv_us":\#(last)}"# + "\n")
    }

    /// Adds to the manifest.
    private func tell(_ text: String) throws {
        try TextFile.replace("\(path)/manifest.jsonl", with: (TextFile.read("\(path)/manifest.jsonl") ?? "") + text)
    }

    /// The lines in the order in which they come.
    private func read(times: LineFilter = LineFilter()) throws -> [String] {
        try read(SegmentListing(path, advice: .inputs, faults), times: times)
    }

    private func read(_ listing: SegmentListing, times: LineFilter = LineFilter()) throws -> [String] {
        let merge = SegmentMerge(listing, times: times)
        var lines: [String] = []
        while true {
            switch merge.advance(LineFilter()) {
            case .line: lines.append(merge.current.map { "\($0.headReceived) \($0.name.split(separator: "/").last ?? "")" } ?? "")
            case .fault(let fault): lines.append(fault.counter)
            case .none: _ = try merge.fill()
            case .ended: return lines
            }
        }
    }

    private func gzip(_ name: String) throws {
        ChildProcess.end(of: try ChildProcess.start(["gzip", "-q", name], in: folder, log: "log"))
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

    // MARK: Files that move

    @Test(arguments: [1, 2])
    func whatIsSealedOrCompressedBehindTheListing_isFoundAgain(moves: Int) throws {
        try write(".00-a.ndjson.open", [1, 2], isTold: false)
        try write("01-a.ndjson", [3])
        let listing = try SegmentListing(path, advice: .inputs, faults)
        #expect(rename("\(path)/.00-a.ndjson.open", "\(path)/00-a.ndjson") == 0)
        if moves > 1 {
            try gzip("00-a.ndjson")
            try gzip("01-a.ndjson")
        }
        let ending = moves > 1 ? ".gz" : ""
        #expect(try read(listing) == ["1 00-a.ndjson\(ending)", "2 00-a.ndjson\(ending)", "3 01-a.ndjson\(ending)"])
        #expect(faults.counters.line == "")
    }

    @Test func aFileThatIsGone_isTold_andTheRestGoesOn() throws {
        try write("00-a.ndjson", [1])
        try write("01-a.ndjson", [2], isTold: false)
        try write("02-a.ndjson", [3])
        let listing = try SegmentListing(path, advice: .inputs, faults)
        #expect(unlink("\(path)/00-a.ndjson") == 0 && unlink("\(path)/01-a.ndjson") == 0)
        #expect(try read(listing) == ["3 02-a.ndjson"])
        #expect(faults.counters.line == "segments_missing=2")
    }

    @Test func anEmptyOneThatTheSinkTakesAway_isNoFault() throws {
        try write(".00-a.ndjson.open", [], isTold: false)
        try write("01-a.ndjson", [3])
        let listing = try SegmentListing(path, advice: .inputs, faults)
        #expect(unlink("\(path)/.00-a.ndjson.open") == 0)
        #expect(try read(listing) == ["3 01-a.ndjson"])
        #expect(faults.counters.line == "")
    }

    // MARK: What is not as it should be

    @Test func formsThatAreNotRead_areTold_butNotBesideOneThatIs() throws {
        for name in ["00-a.ndjson.xz", "01-a.ndjson.lz4", "02-a.ndjson.bz2"] { try TextFile.replace("\(path)/\(name)", with: "?") }
        try tell(#"{"name":"00-a.ndjson","lines":1,"bytes":1,"first_recv_us":1,"last_recv_us":1}"# + "\n")
        try write("02-a.ndjson", [3])
        #expect(try read() == ["3 02-a.ndjson"])
        #expect(faults.counters.line == "segments_unreadable=2")
    }

    @Test func whatAManifestTellsOf_andIsNotThere_isTold_unlessItIsOutsideTheTimes() throws {
        try write("00-a.ndjson", [5])
        try tell(#"{"name":"07-b.ndjson","lines":1,"bytes":1,"first_recv_us":1,"last_recv_us":3}"# + "\n")
        #expect(try read(times: LineFilter(from: 4)) == ["5 00-a.ndjson"])
        #expect(faults.counters.line == "")
        #expect(try read() == ["5 00-a.ndjson"])
        #expect(faults.counters.line == "segments_missing=1")
    }

    @Test func aNameThatNoFileCanHave_isMissing() throws {
        try write("00-a.ndjson", [5])
        let name = "07-\(String(repeating: "b", count: 300)).ndjson"
        try tell(#"{"name":"\#(name)","lines":1,"bytes":1,"first_recv_us":1,"last_recv_us":3}"# + "\n")
        #expect(try read() == ["5 00-a.ndjson"])
        #expect(faults.counters.line == "segments_missing=1")
    }

    @Test(arguments: [#"{"recv_us":3}"# + "\n", " \n", #"{"recv_us":2}"#])
    func moreThanTheManifestTells_isTold(more: String) throws {
        try write("00-a.ndjson", [1, 2])
        try TextFile.replace("\(path)/00-a.ndjson", with: (TextFile.read("\(path)/00-a.ndjson") ?? "") + more)
        #expect(try read().count >= 2)
        #expect(faults.counters.line == "segments_differing=1")
    }

    @Test func otherBytes_areTold_alsoIfTheyAreCompressed() throws {
        try write("00-a.ndjson", [1, 2])
        try TextFile.replace("\(path)/00-a.ndjson", with: "{\"recv_us\":1}\n{ \"recv_us\":2}\n")
        try gzip("00-a.ndjson")
        #expect(try read().count == 2)
        #expect(faults.counters.line == "segments_differing=1")
    }

    @Test func whatIsAsItWasSealed_isNoFault_alsoWithoutItsLastNewline() throws {
        try write("00-a.ndjson", [1, 2], tail: #"{"recv_us":3}"#)
        try write("01-a.ndjson", [4, 5])
        try gzip("01-a.ndjson")
        #expect(try read().count == 5)
        #expect(faults.counters.line == "")
    }

    @Test func aRecordWithoutItsNewline_counts_andLinesThatAreNoRecordAreTold() throws {
        try write("00-a.ndjson", [1, 2], tail: "no line\n")
        try tell("{\"name\":\n[]\n")
        try tell(#"{"name":"01-a/../b.ndjson","lines":1,"bytes":1,"first_recv_us":1,"last_recv_us":1}"# + "\n")
        try tell(#"{"name":"00-b.ndjson","lines":2,"bytes":28,"first_recv_us":3,"last_recv_us":4}"#)
        try write("00-b.ndjson", [3, 4], isTold: false)
        // If nothing told of its times, it would be read.
        #expect(try read(times: LineFilter(to: 3)) == ["1 00-a.ndjson", "2 00-a.ndjson", "malformed"])
        #expect(faults.counters.line == "manifest_faults=3")
    }

    @Test func aManifestThatIsCutShort_isTold_andItsSegmentIsRead() throws {
        try write("00-a.ndjson", [1])
        try tell(#"{"name":"01-a.ndj"#)
        try write("01-a.ndjson", [2], isTold: false)
        #expect(try read() == ["1 00-a.ndjson", "2 01-a.ndjson"])
        #expect(faults.counters.line == "manifest_faults=1")
    }

    @Test func aManifestThatIsNoFile_isTold_andNotWaitedFor() throws {
        #expect(mkfifo("\(path)/manifest.jsonl", 0o600) == 0)
        try write("00-a.ndjson", [1], isTold: false)
        #expect(try read() == ["1 00-a.ndjson"])
        #expect(faults.counters.line == "manifest_faults=1")
    }

    @Test func whatHasTheNameOfASegmentAndIsNoFile_isTold_andNotWaitedFor() throws {
        for name in ["00-a.ndjson", ".01-a.ndjson.open", "02-a.ndjson.gz"] { #expect(mkfifo("\(path)/\(name)", 0o600) == 0) }
        #expect(mkdir("\(path)/03-a.ndjson", 0o700) == 0)
        #expect(symlink("nowhere", "\(path)/04-a.ndjson") == 0)
        #expect(symlink("05-a.ndjson", "\(path)/05-a.ndjson") == 0)
        try write("06-a.ndjson", [1])
        #expect(symlink("06-a.ndjson", "\(path)/06.0001-a.ndjson") == 0)
        #expect(try read() == ["1 06-a.ndjson", "1 06.0001-a.ndjson"])
        #expect(faults.counters.line == "segments_unreadable=6")
    }

    @Test func whatIsWrittenTo_besideAnotherOfItsName_isTold() throws {
        try write("00-a.ndjson", [1])
        try write(".00-a.ndjson.open", [2], isTold: false)
        #expect(try read() == ["1 00-a.ndjson"])
        #expect(faults.counters.line == "segments_unreadable=1")
        // Killed while it got its name, it has both.
        #expect(unlink("\(path)/.00-a.ndjson.open") == 0)
        #expect(link("\(path)/00-a.ndjson", "\(path)/.00-a.ndjson.open") == 0)
        #expect(try read() == ["1 00-a.ndjson"])
        #expect(faults.counters.line == "segments_unreadable=1")
    }

    // MARK: Folders

    @Test func aDirectory_isReadOnce_howeverManyNamesItHas() throws {
        #expect(mkdir("\(path)/24", 0o700) == 0)
        try write("24/00-a.ndjson", [1], isTold: false)
        #expect(symlink("24", "\(path)/25") == 0)
        #expect(symlink("..", "\(path)/24/01") == 0)
        #expect(try read() == ["1 00-a.ndjson"])
        let failure = #expect(throws: ToolFailure.self) { _ = try InputSource.openAll(["\(path)/24", path, path], faults) }
        #expect(failure?.status == .usage)
    }
}
