import MarketModel
import TestSupport
import Testing

@testable import mkt_merge

@Suite struct TradeCopiesTests {
    private let lines = FeedLines(feed: "a")

    private func isNew(_ copies: inout TradeCopies, _ line: String, source: Int, instrument: Int = 0, at received: Int64 = 0) throws -> Bool
    {
        var decoder = EventDecoder()
        let bytes = Array(line.utf8)
        return try bytes.withUnsafeBufferPointer { bytes in
            try decoder.decodeEvent(bytes)
            return try copies.isNew(decoder, instrument: instrument, source: source, received: received)
        }
    }

    @Test func tradeWithAnId_isNewOnce_whoeverBringsIt() throws {
        var copies = TradeCopies()
        #expect(try isNew(&copies, lines.trade(1, id: "x"), source: 0))
        #expect(try !isNew(&copies, lines.trade(2, id: "x"), source: 1))
        #expect(try !isNew(&copies, lines.trade(3, id: "x", price: "0.9"), source: 0))
        #expect(try !isNew(&copies, lines.trade(4, id: "\\u0078"), source: 2), "another spelling of the same")
        #expect(try isNew(&copies, lines.trade(5, id: "y"), source: 1))
        #expect(try isNew(&copies, lines.trade(6, id: "x"), source: 1, instrument: 1))
    }

    @Test func equalPrints_countPerFeed() throws {
        var copies = TradeCopies()
        let print = lines.trade(1, tx: "t")
        #expect(try isNew(&copies, print, source: 0))
        #expect(try isNew(&copies, print, source: 0), "the same twice from one feed is two trades")
        #expect(try !isNew(&copies, print, source: 1))
        #expect(try !isNew(&copies, print, source: 1))
        #expect(try isNew(&copies, print, source: 1), "a third that the first feed has not told yet")
        #expect(try !isNew(&copies, print, source: 0))
        #expect(try isNew(&copies, print, source: 0))
    }

    @Test func printsThatDifferInAnything_areDifferent() throws {
        var copies = TradeCopies()
        #expect(try isNew(&copies, lines.trade(1, tx: "t"), source: 0))
        #expect(try isNew(&copies, lines.trade(1, tx: "u"), source: 1))
        #expect(try isNew(&copies, lines.trade(1), source: 1))
        #expect(try isNew(&copies, lines.trade(1, tx: "t", price: "0.51"), source: 1))
        #expect(try isNew(&copies, lines.trade(1, tx: "t", venueTime: 8), source: 1))
        #expect(try isNew(&copies, lines.trade(1, tx: "t", venueTime: nil), source: 1))
        #expect(try !isNew(&copies, lines.trade(1, tx: "t", price: "0.50"), source: 1))
    }

    @Test func whatWasSeen_isKept_forHalfAnHour() throws {
        let halfHour: Int64 = 1_800_000_000
        var copies = TradeCopies()
        #expect(try isNew(&copies, lines.trade(1, id: "x"), source: 0, at: 5))
        #expect(try !isNew(&copies, lines.trade(1, id: "x"), source: 1, at: halfHour))
        #expect(try isNew(&copies, lines.trade(1, id: "y"), source: 0, at: halfHour + 5))
        #expect(try !isNew(&copies, lines.trade(1, id: "x"), source: 1, at: 2 * halfHour))
        #expect(try isNew(&copies, lines.trade(1, id: "z"), source: 0, at: 2 * halfHour + 5))
        #expect(try isNew(&copies, lines.trade(1, id: "x"), source: 1, at: 2 * halfHour + 5), "then it is forgotten")
    }

    @Test func memory_isBounded_andTheLatestAreKept() throws {
        var copies = TradeCopies(entriesMax: 100)
        for number in 0..<1000 {
            #expect(try isNew(&copies, lines.trade(1, id: "\(number)"), source: 0))
            #expect(try !isNew(&copies, lines.trade(1, id: "\(max(0, number - 99))"), source: 1))
        }
        #expect(try isNew(&copies, lines.trade(1, id: "700"), source: 1))
    }

    @Test func anyOrderOfTwoFeeds_givesAsManyAsTheLargerCount() throws {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<200 {
            var copies = TradeCopies()
            var counts = [[Int]](repeating: [0, 0, 0], count: 4)
            var new = [0, 0, 0, 0]
            for _ in 0..<random.below(60) {
                let (key, source) = (random.below(4), random.below(3))
                counts[key][source] += 1
                if try isNew(&copies, lines.trade(1, tx: "\(key)"), source: source) { new[key] += 1 }
            }
            #expect(new == counts.map { $0.max()! })
        }
    }
}
