import Glibc
import TestSupport
import Testing
import UnixTool

@testable import Segments

@Suite struct SegmentFileTests {
    private let archive = Archive()
    private var path: String { archive.path }

    /// All bytes that a source gives.
    private func read(_ source: SegmentSource?) throws -> String {
        let source = try #require(source)
        var (bytes, chunk): ([UInt8], [UInt8]) = ([], Array(repeating: 0, count: 4096))
        while true {
            guard source.isReadable() else { continue }
            let count = Glibc.read(source.descriptor, &chunk, chunk.count)
            if count == 0 { break }
            if count > 0 { bytes += chunk[..<count] }
        }
        while try !source.finish() {}
        return String(decoding: bytes, as: UTF8.self)
    }

    // MARK: Times

    @Test func times_areThoseOfTheManifest() throws {
        archive.folder.write("00-a.ndjson", "{}\n")
        try archive.tell("00-a.ndjson", first: 3, last: 5)
        #expect(try archive.first().times == 3...5)
    }

    @Test func timesTheWrongWayRound_areTurned() throws {
        archive.folder.write("00-a.ndjson", "{}\n")
        try archive.tell("00-a.ndjson", first: 5, last: 3)
        #expect(try archive.first().times == 3...5)
    }

    @Test func timesThatNothingTells_areThoseOfTheHourAndTheLongestSpan_ifTheFolderIsOfADay() throws {
        archive.folder.write("19-a.ndjson", "{}\n")
        #expect(try archive.first().times == Int64.min...Int64.max)
        for name in ["2026", "2026/09", "2026/09/25"] { #expect(mkdir("\(path)/\(name)", 0o700) == 0) }
        #expect(rename("\(path)/19-a.ndjson", "\(path)/2026/09/25/19-a.ndjson") == 0)
        #expect(try archive.first().times == 1_790_362_800_000_000...1_790_452_799_999_999)
    }

    @Test(arguments: ["13/45", "9/25"])
    func foldersOfNoDay_tellNothing(name: String) {
        #expect(SegmentTimes.ofLines(in: "2026/\(name)", hour: 0) == nil)
        #expect(SegmentTimes.ofLines(inDay: name) == nil)
    }

    // MARK: Sources

    @Test func aSegment_isReadInEachForm() throws {
        archive.folder.write("00-a.ndjson", "{}\n")
        archive.folder.write(".01-a.ndjson.open", "{}\n{")
        archive.folder.write("02-a.ndjson", "{}\n")
        ChildProcess.end(of: try ChildProcess.start(["gzip", "-q", "02-a.ndjson"], in: archive.folder, log: "log"))
        let sources = try archive.list().segments.map { try $0.open() }
        #expect(sources.map { $0?.isGrowing } == [false, true, false])
        #expect(try sources.map(read) == ["{}\n", "{}\n{", "{}\n"])
    }

    @Test func aSourceThatIsGivenUp_isClosed() throws {
        archive.folder.write("00-a.ndjson", "{}\n")
        var source = try archive.first().open()
        let descriptor = try #require(source?.descriptor)
        source = nil
        #expect(FileStatus(descriptor: descriptor)?.identity != FileStatus("\(path)/00-a.ndjson")?.identity)
    }

    @Test func aProgramThatFails_hasNotToldAll() throws {
        archive.folder.write("00-a.ndjson.gz", "no gzip at all")
        let failure = #expect(throws: ToolFailure.self) { _ = try read(try archive.first().open()) }
        #expect(failure?.status == .ioError)
    }

    @Test func aFileThatCannotBeOpened_isAnError() throws {
        guard geteuid() != 0 else { return }
        archive.folder.write("00-a.ndjson", "{}\n", mode: 0)
        let failure = #expect(throws: ToolFailure.self) { _ = try archive.first().open() }
        #expect(failure?.status == .noInput)
    }

    // MARK: Faults

    @Test func whatIsNotThere_isAFaultOfItsFeedAndTimes() throws {
        archive.folder.write("01-b.ndjson", "{}\n")
        try archive.tell("00-a%2F.ndjson", first: 3, last: 5)
        let file = try archive.first()
        #expect(try file.open() == nil)
        try file.noteAbsence(archive.faults)
        let fault = try #require(archive.faults.noted.first)
        #expect(fault.kind == .missing && fault.feed == "a%2F" && fault.times == 3...5 && fault.path == "\(path)/00-a%2F.ndjson")
        #expect(archive.faults.counters.line == "segments_missing=1")
    }

    @Test func whatDiffers_mayFeignWhatWasRead() throws {
        archive.folder.write("00-a.ndjson", "{}\n")
        try archive.tell("00-a.ndjson", lines: 1, bytes: 3, first: 3, last: 5)
        let file = try archive.first()
        try file.compare(lines: 1, bytes: 3, newest: 9, archive.faults)
        #expect(archive.faults.noted.isEmpty)
        for (newest, times) in [(nil, 3...5), (4, 3...5), (9, 3...9)] as [(Int64?, ClosedRange<Int64>)] {
            try file.compare(lines: 2, bytes: 3, newest: newest, archive.faults)
            #expect(archive.faults.noted.last?.times == times)
        }
        #expect(archive.faults.counters.line == "segments_differing=3")
    }

    @Test func otherBytes_differ_whereTheManifestTellsOfThem() throws {
        archive.folder.write("00-a.ndjson", "{}\n")
        try archive.tell(#"{"name":"00-a.ndjson","lines":1,"bytes":3,"first_recv_us":3,"last_recv_us":5,"sha256":"ab"}"#)
        for sha256 in [nil, "ab"] { try archive.first().compare(lines: 1, bytes: 3, sha256: sha256, archive.faults) }
        #expect(archive.faults.noted.isEmpty)
        try archive.first().compare(lines: 1, bytes: 3, sha256: "cd", archive.faults)
        #expect(archive.faults.noted.map(\.kind) == [.differing])
    }

    @Test func whatIsWrittenTo_besideAnotherOfItsName_mayHoldWhatNoManifestTells() throws {
        archive.folder.write("00-a.ndjson", "{}\n")
        archive.folder.write(".00-a.ndjson.open", "{}\n")
        try archive.tell("00-a.ndjson", bytes: 3, first: 3, last: 5)
        _ = try archive.list()
        #expect(archive.faults.noted.map(\.times) == [Int64.min...Int64.max])
        #expect(archive.faults.noted.map(\.path) == ["\(path)/.00-a.ndjson.open"])
    }
}
