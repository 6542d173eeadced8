import Glibc
import TestSupport
import Testing
import UnixTool

@testable import Segments

@Suite struct SegmentListingTests {
    private let archive = Archive()
    private var path: String { archive.path }

    @Test func segments_standByFeed_thenAsTheyWereBegun() throws {
        for name in [".02-b.ndjson.open", "00-b.ndjson", "01-a.ndjson.gz", "00.0010-a.ndjson", "00.0002-a.ndjson", "00-a.ndjson"] {
            archive.folder.write(name, "{}\n")
        }
        let names = ["00-a.ndjson", "00.0002-a.ndjson", "00.0010-a.ndjson", "01-a.ndjson", "00-b.ndjson", "02-b.ndjson"]
        #expect(try archive.list().segments.map(\.name.file) == names)
    }

    @Test func onlyFoldersOfTimes_areLookedInto_threeDeepAtMost() throws {
        var folder = path
        for name in ["2026", "09", "25", "01"] {
            folder += "/\(name)"
            #expect(mkdir(folder, 0o700) == 0)
            try TextFile.replace("\(folder)/00-a.ndjson", with: "{\"recv_us\":\(folder.utf8.count)}\n")
        }
        for name in ["old", "2026.bak", ".1"] {
            #expect(mkdir("\(path)/\(name)", 0o700) == 0)
            try TextFile.replace("\(path)/\(name)/00-a.ndjson", with: "{\"recv_us\":1}\n")
        }
        #expect(try archive.list().segments.map(\.folder) == ["", "/09", "/09/25"].map { "\(path)/2026\($0)" })
    }

    @Test func aDirectory_isReadOnce_howeverManyNamesItHas() throws {
        #expect(mkdir("\(path)/24", 0o700) == 0)
        archive.folder.write("24/00-a.ndjson", "{}\n")
        #expect(symlink("24", "\(path)/25") == 0)
        #expect(symlink("..", "\(path)/24/01") == 0)
        let listing = try archive.list()
        #expect(listing.segments.map(\.path) == ["\(path)/24/00-a.ndjson"])
        for other in [path, "\(path)/", "\(path)/24/.."] {
            let failure = #expect(throws: ToolFailure.self) {
                _ = try SegmentListing(other, others: listing.folders, advice: Archive.advice, archive.faults)
            }
            #expect(failure?.status == .usage)
        }
    }

    @Test func aDirectoryWithoutSegments_isAnError() throws {
        archive.folder.write("a.ndjson", "{}\n")
        let failure = #expect(throws: ToolFailure.self) { _ = try archive.list() }
        #expect(failure?.status == .noInput)
        #expect(failure?.message.hasSuffix("; about none") == true)
    }

    @Test func onlyFormsThatAreNotRead_areAnError() throws {
        archive.folder.write("00-a.ndjson.xz", "?")
        let failure = #expect(throws: ToolFailure.self) { _ = try archive.list() }
        #expect(failure?.status == .noInput)
        #expect(failure?.message.contains("00-a.ndjson.xz") == true)
    }

    @Test func aDirectoryThatIsNotThere_isAnError() {
        let failure = #expect(throws: ToolFailure.self) {
            _ = try SegmentListing("\(path)/none", advice: Archive.advice, archive.faults)
        }
        #expect(failure?.status == .noInput)
    }

    @Test func aFault_endsAStrictRun_andIsKeptOtherwise() throws {
        archive.folder.write("00-a.ndjson", "{}\n")
        try archive.tell("no record")
        let strict = SegmentFaults(isStrict: true, Archive.logger)
        let failure = #expect(throws: ToolFailure.self) { _ = try SegmentListing(path, advice: Archive.advice, strict) }
        #expect(failure?.status == .badData)
        _ = try archive.list()
        #expect(archive.faults.noted.map(\.kind) == [.manifest])
        #expect(archive.faults.noted.map(\.path) == ["\(path)/manifest.jsonl"])
    }

    @Test func aManifestsFault_mayConcernAllThatADaysFolderMayHold() throws {
        for name in ["2026", "2026/09", "2026/09/25"] { #expect(mkdir("\(path)/\(name)", 0o700) == 0) }
        archive.folder.write("2026/09/25/00-a.ndjson", "{}\n")
        try archive.tell("no record", in: "2026/09/25/")
        _ = try archive.list()
        // The last span that begins in it may be as long as a day.
        #expect(archive.faults.noted.map(\.times) == [1_790_294_400_000_000...1_790_467_199_999_999])
        #expect(archive.faults.noted.map(\.feed) == [nil])
    }
}
