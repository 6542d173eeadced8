import MarketModel
import TestSupport
import Testing

@Suite struct OrderBookTests {
    @Test(arguments: [21, 22, 23, 24, 25] as [UInt64])
    func randomOperations_agreeWithADictionary(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        // Few prices make crowded books with many hits, many prices long ones.
        let priceCount = [5, 20, 99, 999, 5000][Int(seed - 21)]
        var book = OrderBook()
        var naive = NaiveBook()
        for round in 0..<4000 {
            if random.below(200) == 0 {
                replace(&book, &naive, priceCount, &random)
            } else {
                let side = random.pick([Side.bid, .ask])
                let price = Self.price(priceCount, near: side == .bid ? book.bestBid : book.bestAsk, &random)
                let level = Level(price, random.below(3) == 0 ? 0 : Int64(1 + random.below(3)))
                let isChanged = book.set(side, level)
                let isNaiveChanged = naive.set(side, level)
                #expect(isChanged == isNaiveChanged, "round \(round)")
            }
            check(book, naive, round)
        }
    }

    /// A price near the best or anywhere.
    private static func price(_ count: Int, near best: Level?, _ random: inout SeededGenerator) -> Int64 {
        guard let best, random.below(2) == 0 else { return Int64(random.below(count)) }
        return max(0, best.price.millionths + Int64(random.below(9)) - 4)
    }

    private func replace(_ book: inout OrderBook, _ naive: inout NaiveBook, _ priceCount: Int, _ random: inout SeededGenerator) {
        let count = random.below(min(priceCount, 60))
        let bids = (0..<count).map { _ in Level(Int64(random.below(priceCount)), Int64(random.below(5))) }
        let asks = (0..<count).map { _ in Level(Int64(random.below(priceCount)), Int64(random.below(5))) }
        let isTaken = book.replace(bids: bids, asks: asks)
        #expect(book.isKnown == isTaken)
        if let naiveBids = NaiveBook.side(bids), let naiveAsks = NaiveBook.side(asks) {
            #expect(isTaken)
            (naive.bids, naive.asks) = (naiveBids, naiveAsks)
        } else {
            #expect(!isTaken)
            naive = NaiveBook()
        }
    }

    private func check(_ book: OrderBook, _ naive: NaiveBook, _ round: Int) {
        let bids = naive.bidsBestFirst
        let asks = naive.asksBestFirst
        #expect(Array(book.bids.bestFirst) == bids, "round \(round)")
        #expect(Array(book.asks.bestFirst) == asks, "round \(round)")
        #expect(book.bestBid == bids.first)
        #expect(book.bestAsk == asks.first)
        guard let bid = bids.first?.price.millionths, let ask = asks.first?.price.millionths else {
            #expect(!book.isCrossed && !book.isLocked && book.spreadMillionths == nil && book.doubleMidMillionths == nil)
            return
        }
        #expect(book.isCrossed == (bid > ask))
        #expect(book.isLocked == (bid == ask))
        #expect(book.spreadMillionths == ask - bid)
        #expect(book.doubleMidMillionths == ask + bid)
        #expect(book.size(at: Price(millionths: bid), on: .bid) == bids[0].size)
    }

    @Test func book_isUnknown_untilItsFirstSnapshot() {
        var book = OrderBook()
        #expect(!book.isKnown)
        book.set(.bid, Level(1, 1))
        #expect(!book.isKnown)
        book.replace(bids: [Level](), asks: [Level]())
        #expect(book.isKnown)
    }

    @Test func knownBook_staysInPlaceWhileItIsUnknown() {
        var book = OrderBook()
        book.replace(bids: [Level(1, 1)], asks: [Level(2, 1)])
        book.markUnknown()
        #expect(!book.isKnown)
        #expect(book.bestBid == Level(1, 1))
        book.markKnown()
        #expect(book.isKnown)
        book.reset()
        #expect(book == OrderBook())
    }

    @Test func snapshotWithAPriceTwice_leavesAnUnknownEmptyBook() {
        let twice = [Level(1, 1), Level(1, 2)]
        let once = [Level(5, 1)]
        for (bids, asks) in [(twice, once), (once, twice), (twice, twice)] {
            var book = OrderBook()
            book.replace(bids: once, asks: once)
            let isTaken = book.replace(bids: bids, asks: asks)
            #expect(!isTaken)
            #expect(book == OrderBook())
        }
    }
}
