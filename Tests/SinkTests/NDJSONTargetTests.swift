import Glibc
import Logging
import MarketModel
import Synchronization
import Testing
import UnixTool

@testable import mkt_sink

/// Clocks that a test sets.
private final class HandClock: Sendable {
    let times: Mutex<(wall: Int64, monotonic: Int64)>

    init(wall: Int64, monotonic: Int64) { times = Mutex((wall, monotonic)) }

    var clocks: SegmentSettings.Clocks {
        SegmentSettings.Clocks(wallMicros: { self.times.withLock { $0.wall } }, monotonicMicros: { self.monotonic })
    }

    var monotonic: Int64 { times.withLock { $0.monotonic } }

    func pass(_ micros: Int64) { times.withLock { $0 = ($0.wall + micros, $0.monotonic + micros) } }
}

@Suite struct NDJSONTargetTests {
    private let directory = TemporaryDirectory()
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func target(_ rotation: String = "1h", isLive: Bool = false, clocks: SegmentSettings.Clocks = .init()) throws -> NDJSONTarget {
        let rotation = try #require(Rotation(rotation))
        return try NDJSONTarget(SegmentSettings(directory: directory.path, rotation: rotation, isLive: isLive, clocks: clocks), logger)
    }

    /// A line of a feed at so many minutes since 1970.
    private func line(_ minutes: Int64, feed: String = "pm") -> String {
        Lines.trade(received: minutes * 60_000_000).replacing("\"pm\"", with: "\"\(feed)\"")
    }

    /// Every file below the day, and how many lines it has.
    private var files: [String: Int] {
        get throws {
            var files: [String: Int] = [:]
            for name in DirectoryListing.names("\(directory.path)/1970/01/01") ?? [] where name != SegmentName.manifest {
                files[name] = try TextFile.read("\(directory.path)/1970/01/01/\(name)")?.split(separator: "\n").count
            }
            return files
        }
    }

    private var told: Set<String> { get throws { try Manifest(folder: "\(directory.path)/1970/01/01").names(logger) } }

    @Test func aLineOfALaterSpan_sealsTheFeedsOwn_andLateLinesGetASegment() throws {
        let target = try target()
        try Lines.put([line(1), line(2, feed: "k"), line(61), line(3), line(4), line(62)], to: target)
        try target.commit()
        #expect(try files == ["00-pm.ndjson": 1, ".00-k.ndjson.open": 1, ".01-pm.ndjson.open": 2, ".00.0001-pm.ndjson.open": 2])
        try Lines.put([line(121)], to: target)
        #expect(try told == ["00-pm.ndjson", "01-pm.ndjson", "00.0001-pm.ndjson"])
        try target.end()
        #expect(try files == ["00-pm.ndjson": 1, "00-k.ndjson": 1, "01-pm.ndjson": 2, "00.0001-pm.ndjson": 2, "02-pm.ndjson": 1])
        #expect(try told == Set(files.keys))
    }

    @Test func noSegmentIsLongerThanTheSize_unlessOneLineIs() throws {
        let target = try target("1h,1KB")
        let long = line(1).replacing("\"i1\"", with: "\"\(String(repeating: "i", count: 1500))\"")
        try Lines.put(Array(repeating: line(1), count: 12) + [long, line(2)], to: target)
        try target.end()
        let bytes = line(1).utf8.count + 1
        let each = 1000 / bytes
        let whole = (0..<(12 / each)).map { SegmentName(hour: 0, number: $0, feed: "pm").file }
        for name in whole { #expect(try files[name] == each) }
        #expect(try files.values.reduce(0, +) == 14)
        #expect(try files.count == (12 + each - 1) / each + 2)
    }

    @Test func theClockSealsASpan_onceItIsOverAndQuiet() throws {
        let clock = HandClock(wall: 59 * 60_000_000, monotonic: 1_000_000)
        let target = try target(isLive: true, clocks: clock.clocks)
        func pass(_ micros: Int64) throws {
            clock.pass(micros)
            try target.pass(monotonicMicros: clock.monotonic)
        }
        try Lines.put([line(1)], to: target)
        try pass(0)
        #expect(target.deadlineMicros == 1_000_000 + 60_000_000 + NDJSONTarget.graceMicros)
        try pass(60_000_000 + NDJSONTarget.graceMicros - 1)
        #expect(try files.keys.sorted() == [".00-pm.ndjson.open"])
        // A line that is late within the grace keeps it open for as long again.
        try Lines.put([line(2)], to: target)
        try pass(1)
        #expect(try files.keys.sorted() == [".00-pm.ndjson.open"])
        try pass(NDJSONTarget.graceMicros)
        #expect(try files == ["00-pm.ndjson": 2])
        #expect(target.deadlineMicros == nil)
    }

    @Test func whatAKilledRunLeaves_isCutSealedAndTold() throws {
        let first = try target()
        try Lines.put([line(1), line(61)], to: first)
        try first.commit()
        // The manifest's line was not written to its end, and neither was one of the open segment.
        let day = "\(directory.path)/1970/01/01"
        try TextFile.replace("\(day)/manifest.jsonl", with: #"{"name":"00-pm.ndj"#)
        try TextFile.replace("\(day)/.01-pm.ndjson.open", with: line(61) + "\n" + #"{"v":1"#)
        try TextFile.replace("\(day)/.02-pm.ndjson.open", with: #"{"v":1"#)
        let elsewhere = TemporaryDirectory()
        #expect(rename(directory("1970"), elsewhere("1970")) == 0)
        let settings = SegmentSettings(directory: elsewhere.path)
        let second = try NDJSONTarget(settings, logger)
        try Lines.put([line(1), line(61)], to: second)
        try second.end()
        let names = (DirectoryListing.names("\(elsewhere.path)/1970/01/01") ?? []).filter { $0 != SegmentName.manifest }
        #expect(names == ["00-pm.ndjson", "00.0001-pm.ndjson", "01-pm.ndjson", "01.0001-pm.ndjson"])
        #expect(try TextFile.read("\(elsewhere.path)/1970/01/01/01-pm.ndjson") == line(61) + "\n")
        let manifest = try TextFile.read("\(elsewhere.path)/1970/01/01/manifest.jsonl") ?? ""
        #expect(manifest.split(separator: "\n").count == 4)
        #expect(try Manifest(folder: "\(elsewhere.path)/1970/01/01").names(logger) == Set(names))
    }

    @Test func aSecondWriter_isRefused() throws {
        let first = try target()
        let failure = #expect(throws: ToolFailure.self) { _ = try target() }
        #expect(failure?.status == .tryLater)
        withExtendedLifetime(first) {}
    }

    @Test func aNameThatWasGiven_isNeverGivenAgain() throws {
        for _ in 0..<2 {
            let target = try target()
            try Lines.put([line(1)], to: target)
            try target.end()
        }
        #expect(unlink("\(directory.path)/1970/01/01/00.0001-pm.ndjson") == 0)
        #expect(rename("\(directory.path)/1970/01/01/00-pm.ndjson", "\(directory.path)/1970/01/01/00-pm.ndjson.xz") == 0)
        let target = try target()
        try Lines.put([line(1)], to: target)
        try target.end()
        #expect(try told == ["00-pm.ndjson", "00.0001-pm.ndjson", "00.0002-pm.ndjson"])
    }
}
