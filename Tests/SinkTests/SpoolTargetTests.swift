import Glibc
import JSON
import Logging
import MarketModel
import Synchronization
import TestSupport
import Testing
import UnixTool

@testable import mkt_sink

/// What stands in a made-up database, and how it fails.
private final class FakeServer: Sendable {
    struct State {
        var random: SeededGenerator
        var stored: [String] = []
        var seen: Set<String> = []
        var opens = 0
        var largestBatch = 0
    }

    let state: Mutex<State>
    /// One in so many calls fails; 0 for none.
    let faultRate: Int
    let isRefused: @Sendable (String) -> Bool
    /// Whether a refusal comes with the row, as in SQLite, or with its batch, as in PostgreSQL.
    let isRefusedAtOnce: Bool

    init(seed: UInt64, faultRate: Int = 0, isRefusedAtOnce: Bool = false, isRefused: @escaping @Sendable (String) -> Bool = { _ in false })
    {
        state = Mutex(State(random: SeededGenerator(seed: seed)))
        self.faultRate = faultRate
        self.isRefused = isRefused
        self.isRefusedAtOnce = isRefusedAtOnce
    }

    func mayFail() throws {
        let isFault = state.withLock { state in faultRate > 0 && Int.random(in: 0..<faultRate, using: &state.random) == 0 }
        if isFault { throw ToolFailure(.tryLater, "the server is away") }
    }

    /// Keeps each line once, as identities do; may fail before or after.
    func store(_ lines: [String]) throws {
        try mayFail()
        state.withLock { state in
            state.largestBatch = max(state.largestBatch, lines.count)
            for line in lines where state.seen.insert(line).inserted { state.stored.append(line) }
        }
        try mayFail()
    }
}

private final class FakeTarget: Target {
    private let server: FakeServer
    private var batch: [String] = []

    init(_ server: FakeServer) throws {
        self.server = server
        server.state.withLock { $0.opens += 1 }
        try server.mayFail()
    }

    func take(_ line: UnsafeBufferPointer<UInt8>, _ row: borrowing EventRow) throws {
        let text = String(decoding: line, as: UTF8.self)
        if server.isRefusedAtOnce, server.isRefused(text) { throw refusal(isOfLastRow: true) }
        batch.append(text)
    }

    func commit() throws {
        if batch.contains(where: server.isRefused) { throw refusal(isOfLastRow: false) }
        try server.store(batch)
        batch.removeAll()
    }

    private func refusal(isOfLastRow: Bool) -> BatchRefusal {
        batch.removeAll()
        return BatchRefusal(failure: ToolFailure(.unavailable, "no"), reason: "a rule of the server", isOfLastRow: isOfLastRow)
    }

    func count(in counters: inout Counters) { counters.add("fake_rows", 1) }
}

@Suite(.serialized, .timeLimit(.minutes(2))) struct SpoolTargetTests {
    private let directory = TemporaryDirectory()
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func common(_ words: [String] = []) throws -> CommonSettings {
        let options = try SinkOptions.parse(words)
        var settings = Settings(tool: MktSink.name, environment: [:], file: nil)
        return try CommonSettings(options.common, &settings)
    }

    private func settings(bytesMax: Int64 = 1 << 30, batchLines: Int64 = 50, _ sync: String = "never") -> SpoolSettings {
        SpoolSettings(
            directory: directory("s"), sync: SpoolSettings.Sync(sync)!, bytesMax: bytesMax, batchLines: batchLines, batchDelayMicros: 1000,
            graceMicros: 20_000, pauseMicros: 2000)
    }

    private func target(_ servers: [FakeServer], _ settings: SpoolSettings, drain: String = "5s", isStrict: Bool = false) throws
        -> SpoolTarget
    {
        let members = servers.enumerated().map { index, server in
            SpoolTarget.Member(name: "fake_\(index)", kind: "fake", target: "fake:\(index)") { try FakeTarget(server) }
        }
        return try SpoolTarget(settings, members, common(["--drain", drain] + (isStrict ? ["--strict"] : [])), logger)
    }

    private func lines(_ count: Int, from first: Int = 0) -> [String] {
        (first..<first + count).map { Lines.trade(#","trade_id":"t\#($0)""#, received: Int64($0)) }
    }

    /// Gives lines as a stage does, waiting where there is no room.
    private func feed(_ lines: [String], to target: SpoolTarget) throws {
        for chunk in stride(from: 0, to: lines.count, by: 37) {
            try Lines.put(Array(lines[chunk..<min(chunk + 37, lines.count)]), to: target)
            try target.pass(monotonicMicros: Clock.monotonicMicros())
            try target.willRead()
            while target.isHeld {
                Descriptor.wait(for: target.waits, timeoutMillis: 1000)
                try target.pass(monotonicMicros: Clock.monotonicMicros())
            }
        }
    }

    private var rejected: [String] {
        get throws {
            let text = try TextFile.read(SpoolRecovery.rejectsPath(directory("s"))) ?? ""
            return try text.split(separator: "\n").map { line in
                var line = String(line)
                return try line.withUTF8 { bytes in
                    var scanner = JSONScanner(bytes)
                    var raw = ""
                    try scanner.beginObject()
                    while let key = try scanner.nextKey() {
                        if key.string == "raw" { raw = try scanner.string().string } else { try scanner.skipValue() }
                    }
                    return raw
                }
            }
        }
    }

    private var isEmpty: Bool { !(DirectoryListing.names(directory("s")) ?? []).contains { SpoolFile.firstNumber(of: $0) != nil } }

    @Test func twoDatabases_getAllInOrder_andTheSpoolIsEmpty() throws {
        let servers = [FakeServer(seed: 1), FakeServer(seed: 2)]
        let target = try target(servers, settings())
        let all = lines(1000)
        try feed(all, to: target)
        try target.end()
        for server in servers {
            #expect(server.state.withLock { $0.stored } == all)
            #expect(server.state.withLock { $0.largestBatch } <= 50)
        }
        #expect(isEmpty)
        var counters = Counters()
        target.count(in: &counters)
        #expect(counters["spool_lines"] == 1000)
        #expect(counters["lag_lines_fake_0_now"] == 0)
        #expect(counters["fake_rows"] == 2)
    }

    @Test(arguments: 1...12)
    func faultsAtRandom_loseNothing_keepTheOrder_andSetTheRefusedAside(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let all = lines(400)
        let refused = Set(all.filter { _ in Int.random(in: 0..<(seed % 3 == 0 ? 3 : 90), using: &random) == 0 })
        let servers = [
            FakeServer(seed: UInt64(seed), faultRate: seed % 2 == 0 ? 0 : 25, isRefusedAtOnce: seed % 4 < 2) { refused.contains($0) },
            FakeServer(seed: UInt64(seed) + 99, faultRate: 40),
        ]
        let target = try target(servers, settings(), drain: "60s")
        try feed(all, to: target)
        try target.end()
        #expect(servers[0].state.withLock { $0.stored } == all.filter { !refused.contains($0) })
        #expect(servers[1].state.withLock { $0.stored } == all)
        #expect(try rejected == all.filter { refused.contains($0) })
        #expect(isEmpty)
    }

    @Test func aSmallSpool_holdsTheStream_untilThereIsRoom() throws {
        let server = FakeServer(seed: 3)
        let target = try target([server], settings(bytesMax: 40_000, batchLines: 10))
        let all = lines(3000)
        try feed(all, to: target)
        try target.end()
        #expect(server.state.withLock { $0.stored } == all)
        var counters = Counters()
        target.count(in: &counters)
        #expect(counters["spool_waits"] > 0)
    }

    @Test func whatADatabaseHasNot_itGetsInTheNextRun_andAnotherOneNotAgain() throws {
        let all = lines(300)
        let (away, here) = (FakeServer(seed: 4, faultRate: 1), FakeServer(seed: 5))
        let failure = #expect(throws: ToolFailure.self) {
            let first = try target([away, here], settings(), drain: "200ms")
            try feed(all, to: first)
            try first.end()
        }
        #expect(failure?.status == .tryLater)
        #expect(failure?.message.contains("fake:0 (300 lines)") == true)
        #expect(here.state.withLock { $0.stored } == all)
        let (back, again) = (FakeServer(seed: 6), FakeServer(seed: 7))
        let second = try target([back, again], settings())
        let more = lines(10, from: 300)
        try feed(more, to: second)
        try second.end()
        #expect(back.state.withLock { $0.stored } == all + more)
        #expect(again.state.withLock { $0.stored } == more)
        #expect(isEmpty)
    }

    @Test func linesForADatabaseThatIsNotNamed_areKept() throws {
        #expect(throws: ToolFailure.self) {
            let first = try target([FakeServer(seed: 4, faultRate: 1)], settings(), drain: "50ms")
            try feed(lines(3), to: first)
            try first.end()
        }
        let other = SpoolTarget.Member(name: "o", kind: "other", target: "other:1") { try FakeTarget(FakeServer(seed: 1)) }
        let failure = #expect(throws: ToolFailure.self) { _ = try SpoolTarget(settings(), [other], common(), logger) }
        #expect(failure?.status == .configuration)
        #expect(failure?.message.contains("3 lines for fake:0") == true)
    }

    @Test func strict_endsWithTheFirstRowThatIsRefused() throws {
        let target = try target([FakeServer(seed: 1) { $0.contains(#""t5""#) }], settings(), isStrict: true)
        try feed(lines(10), to: target)
        let failure = #expect(throws: ToolFailure.self) { try target.end() }
        #expect(failure?.status == .badData)
    }

    /// A log of 9 lines of which a database has none, and the run that follows after `change` has changed the log's one file.
    private func restart(isStrict: Bool = false, _ change: (inout [UInt8], _ lines: [Range<Int>]) -> Void) throws -> FakeServer {
        #expect(throws: ToolFailure.self) {
            let first = try target([FakeServer(seed: 4, faultRate: 1)], settings(), drain: "50ms")
            try feed(lines(9), to: first)
            try first.end()
        }
        let path = directory("s") + "/" + SpoolFile.name(0)
        var bytes = Array(try #require(try TextFile.read(path)).utf8)
        var (ranges, start): ([Range<Int>], Int) = ([], 0)
        for (at, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
            ranges.append(start..<at)
            start = at + 1
        }
        change(&bytes, ranges)
        let file = try #require(fopen(path, "w"))
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
        let server = FakeServer(seed: 8)
        let second = try target([server], settings(), isStrict: isStrict)
        try feed(lines(2, from: 9), to: second)
        try second.end()
        #expect(isEmpty)
        return server
    }

    @Test(arguments: [1, 2, 30, 150])
    func aTornTail_isCut_andTheRestIsStored(cut: Int) throws {
        let server = try restart { bytes, _ in bytes.removeLast(cut) }
        #expect(server.state.withLock { $0.stored } == lines(8) + lines(2, from: 9))
    }

    @Test func aChangedLine_isSetAside_andTheRestIsStored() throws {
        let server = try restart { bytes, lines in bytes[lines[4].upperBound - 9] ^= 1 }
        #expect(server.state.withLock { $0.stored } == lines(4) + lines(4, from: 5) + lines(2, from: 9))
        #expect(try rejected.count == 1)
    }

    @Test func aNewlineInsideALine_spoilsThatLineAlone() throws {
        let server = try restart { bytes, lines in bytes[lines[4].upperBound - 20] = UInt8(ascii: "\n") }
        #expect(server.state.withLock { $0.stored } == lines(4) + lines(4, from: 5) + lines(2, from: 9))
        // Both halves; and no line is missing beside them.
        #expect(try rejected.count == 2)
        #expect(try TextFile.read(SpoolRecovery.rejectsPath(directory("s")))?.contains("missing") == false)
    }

    @Test func aLineThatStandsTwice_isGivenOnce() throws {
        let server = try restart { bytes, lines in
            bytes.insert(contentsOf: bytes[lines[2].lowerBound...lines[4].upperBound], at: lines[5].lowerBound)
        }
        #expect(server.state.withLock { $0.stored } == lines(9) + lines(2, from: 9))
        #expect(try rejected.isEmpty)
    }

    @Test(arguments: [false, true])
    func aStretchOfRefusedRows_doesNotHoldUpTheOthers(isRefusedAtOnce: Bool) throws {
        let all = lines(510)
        let refused = Set(all[5..<505])
        let server = FakeServer(seed: 1, isRefusedAtOnce: isRefusedAtOnce) { refused.contains($0) }
        let target = try target([server], settings())
        try feed(all, to: target)
        try target.end()
        #expect(server.state.withLock { $0.stored } == all.filter { !refused.contains($0) })
        #expect(try rejected == Array(all[5..<505]))
    }

    @Test func withoutAnyPosition_everyDatabaseGetsAll() throws {
        let server = try restart { _, _ in
            for name in DirectoryListing.names(directory("s")) ?? [] where name.hasSuffix(SpoolPosition.suffix) {
                unlink(directory("s") + "/" + name)
            }
        }
        #expect(server.state.withLock { $0.stored } == lines(9) + lines(2, from: 9))
    }

    @Test func aPositionThatWasChanged_isNotBelieved() throws {
        let position = SpoolPosition(directory: directory(""), kind: "k", target: "k:é\"")
        try position.write(9)
        let text = try #require(try TextFile.read(position.path))
        #expect(SpoolPosition.Told(text)?.number == 9)
        #expect(SpoolPosition.Told(text)?.target == "k:é\"")
        #expect(SpoolPosition.Told(text.replacing("9", with: "8")) == nil)
        #expect(SpoolPosition.Told(String(text.dropLast(3))) == nil)
        try position.write(1_000_000_000)
        #expect(try TextFile.read(position.path)?.utf8.count == text.utf8.count)
    }

    @Test func missingLines_areTold() throws {
        let server = try restart { bytes, lines in bytes.removeSubrange(lines[2].lowerBound..<lines[5].lowerBound) }
        #expect(server.state.withLock { $0.stored } == lines(2) + lines(4, from: 5) + lines(2, from: 9))
        let text = try #require(try TextFile.read(SpoolRecovery.rejectsPath(directory("s"))))
        #expect(text.contains("3 lines before line 5 of the spool are missing"))
    }

    @Test func strict_endsWithDamage() throws {
        let failure = #expect(throws: ToolFailure.self) {
            _ = try restart(isStrict: true) { bytes, lines in bytes[lines[4].upperBound - 9] ^= 1 }
        }
        #expect(failure?.status == .badData)
    }
}
