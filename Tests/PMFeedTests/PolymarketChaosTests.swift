import TestSupport
import Testing

@testable import FeedSession
@testable import pm_feed

/// The whole live session against a venue that cuts, freezes, throttles, leaves books out and falls silent, in virtual time.
@Suite struct PolymarketChaosTests {
    private struct Run {
        let arguments: [String]
        let rotate: Int64?

        init(seed: Int) {
            let verify = ["sample", "all", "off"][seed % 3]
            arguments = ["--verify", verify] + (seed % 4 == 3 ? ["--redundant", "2"] : [])
            rotate = seed % 2 == 1 ? 40_000_000 : nil
        }
    }

    @Test(arguments: 0..<16) func knownBooksAreTrue_allHeals_andTheRecordingGivesTheSameLines(seed: Int) throws {
        let folder = TemporaryFolder()
        var chance = SeededGenerator(seed: UInt64(seed))
        let books = (0..<10).map { LiveDriver.wire($0 * 2) }
        let run = Run(seed: seed)
        var wanted = Set(books.prefix(6).map(\.asset))
        let path = folder.write("markets", wanted.sorted().joined(separator: "\n"))
        let arguments = ["--markets-file", path] + run.arguments
        let driver = try LiveDriver(arguments, rotate: run.rotate, seed: UInt64(seed), recording: folder.file("recording"))
        let exchange = PaperExchange(driver, books, seed: UInt64(seed))
        exchange.onReload = {
            let token = chance.pick(books).asset
            if wanted.contains(token), wanted.count > 3 { wanted.remove(token) } else { wanted.insert(token) }
            folder.write("markets", wanted.sorted().joined(separator: "\n"))
            try driver.reload()
        }
        try driver.start()
        try exchange.run(micros: 240_000_000)
        exchange.isCalm = true
        try exchange.run(micros: 200_000_000)
        exchange.isStill = true
        try exchange.run(micros: 3_000_000)
        exchange.checkHealed(wanted: wanted)
        try driver.stop()
        #expect(exchange.faults.isEmpty, "seed \(seed): \(exchange.faults.count) faults, \(exchange.faults.prefix(3))")
        #expect(driver.failure == nil && driver.control.finishReason == nil)
        #expect(driver.idleTurns == 0)
        #expect(exchange.injected.values.reduce(0, +) > 20)

        let replayed = try Session(arguments)
        var replay = Replay(replayed.engine)
        try replay.run(path: folder.file("recording"))
        let lines = try replayed.lines()
        let different = lines.indices.first { $0 >= driver.lines.count || lines[$0] != driver.lines[$0] }
        #expect(different == nil, "\(different.map { "\(driver.lines[line: $0]) is \(lines[$0])" } ?? "")")
        #expect(lines.count == driver.lines.count && lines.count > 100)
    }
}
