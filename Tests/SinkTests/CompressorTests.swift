import Logging
import Testing
import UnixTool

@testable import mkt_sink

@Suite struct CompressorTests {
    private let directory = TemporaryDirectory()

    /// Compresses files of those names, and gives what is there then.
    private func run(_ words: [String], _ names: [String], microsMax: Int64 = 20_000_000) throws -> (Compressor, [String]?) {
        let compressor = Compressor(words, Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        for name in names {
            try TextFile.replace(directory(name), with: "{}\n")
            compressor.add(directory(name))
        }
        compressor.finish(microsMax: microsMax)
        return (compressor, DirectoryListing.names(directory.path))
    }

    @Test func thePathStandsBehindTheWords_oneFileAfterTheOther() throws {
        let (compressor, names) = try run(["gzip", "-q"], ["a", "b c", "-d"])
        #expect(names == ["-d.gz", "a.gz", "b c.gz"])
        #expect((compressor.doneCount, compressor.failureCount) == (3, 0))
    }

    @Test(arguments: [["false"], ["/no/such/program"], ["sh", "-c", "kill -9 $$"]])
    func aFailure_leavesTheFileAndGoesOn(words: [String]) throws {
        let (compressor, names) = try run(words, ["a", "b"])
        #expect(names == ["a", "b"])
        #expect((compressor.doneCount, compressor.failureCount) == (0, 2))
    }

    @Test func aProgramThatHangs_isEndedInTheEnd() throws {
        let (compressor, names) = try run(["sh", "-c", "sleep 1000; true"], ["a", "b"], microsMax: 50_000)
        #expect(names == ["a", "b"])
        #expect((compressor.doneCount, compressor.failureCount, compressor.waitingCount) == (0, 1, 0))
    }
}
