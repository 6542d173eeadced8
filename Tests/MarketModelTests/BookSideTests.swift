import MarketModel
import TestSupport
import Testing

@Suite struct BookSideTests {
    @Test(arguments: [Side.bid, .ask])
    func bestLevel_isHighestBidOrLowestAsk(_ side: Side) {
        var book = BookSide(side)
        #expect(book.isEmpty)
        #expect(book.best == nil)
        for price in [50, 10, 90, 30, 70] { book.set(Level(Int64(price), 1)) }
        #expect(book.best?.price.millionths == (side == .bid ? 90 : 10))
        let prices = book.bestFirst.map(\.price.millionths)
        #expect(prices == (side == .bid ? [90, 70, 50, 30, 10] : [10, 30, 50, 70, 90]))
    }

    @Test func settingTheSameAgain_changesNothing() {
        var book = BookSide(.bid)
        let isNew = book.set(Level(5, 7))
        #expect(isNew)
        let isChangedAgain = book.set(Level(5, 7))
        #expect(!isChangedAgain)
        let isResized = book.set(Level(5, 8))
        #expect(isResized)
        #expect(book.levels == [Level(5, 8)])
    }

    @Test func sizeZero_takesALevelAway_andIsNothingWhereNoneIs() {
        var book = BookSide(.ask)
        let isRemovedFromNothing = book.set(Level(5, 0))
        #expect(!isRemovedFromNothing)
        book.set(Level(5, 1))
        let isRemoved = book.set(Level(5, 0))
        #expect(isRemoved)
        #expect(book.isEmpty)
        #expect(book.size(at: Price(millionths: 5)) == .zero)
    }

    @Test func replace_takesAnyOrder_andLeavesEmptyLevelsOut() {
        for side in [Side.bid, .ask] {
            var book = BookSide(side)
            book.set(Level(99, 99))
            let isTaken = book.replace(with: [Level(3, 1), Level(1, 2), Level(4, 0), Level(2, 3)])
            #expect(isTaken)
            #expect(book.levels.map(\.price.millionths) == (side == .bid ? [1, 2, 3] : [3, 2, 1]))
        }
    }

    @Test func replace_withAPriceTwice_isRefused_andLeavesTheSideEmpty() {
        for levels in [
            [Level(1, 1), Level(1, 2)], [Level(1, 1), Level(2, 2), Level(1, 3)], [Level(2, 1), Level(1, 1), Level(2, 1)],
            [Level(1, 1), Level(2, 1), Level(2, 1), Level(3, 1)],
        ] {
            for side in [Side.bid, .ask] {
                var book = BookSide(side)
                book.set(Level(9, 9))
                let isTaken = book.replace(with: levels)
                #expect(!isTaken)
                #expect(book.isEmpty)
            }
        }
    }

    @Test func replace_withNothing_isAnEmptySide() {
        var book = BookSide(.bid)
        book.set(Level(1, 1))
        let isTaken = book.replace(with: [Level]())
        #expect(isTaken)
        #expect(book.isEmpty)
    }

    @Test func randomReplaces_agreeWithADictionary() {
        var random = SeededGenerator(seed: 20)
        for round in 0..<5000 {
            let levels = (0..<random.below(12)).map { _ in Level(Int64(random.below(30)), Int64(random.below(4))) }
            let side = random.pick([Side.bid, .ask])
            var book = BookSide(side)
            let naive = NaiveBook.side(levels)
            let isTaken = book.replace(with: levels)
            #expect(isTaken == (naive != nil), "round \(round)")
            var again = BookSide(side)
            let isTakenAgain = again.replace(withBestFirst: round % 2 == 0 ? levels : Array(book.bestFirst))
            #expect(again == book && isTakenAgain == (isTaken || round % 2 == 1), "round \(round)")
            let expected = (naive ?? [:]).sorted { side == .bid ? $0.key > $1.key : $0.key < $1.key }
            #expect(Array(book.bestFirst) == expected.map { Level(price: $0.key, size: $0.value) }, "round \(round)")
        }
    }

    @Test func bestPrice_isThatOfTheBestLevel_whateverWasDone() {
        var random = SeededGenerator(seed: 33)
        for side in [Side.bid, .ask] {
            var book = BookSide(side)
            var naive: [Price: Size] = [:]
            for round in 0..<20_000 {
                let level = Level(Int64(random.below(25)), Int64(random.below(3)))
                switch random.below(300) {
                case 0:
                    book.removeAll()
                    naive = [:]
                case 1:
                    let levels = (0..<random.below(9)).map { _ in Level(Int64(random.below(12)), Int64(random.below(3))) }
                    naive = NaiveBook.side(levels) ?? [:]
                    let isTaken = book.replace(with: levels)
                    #expect(isTaken == (NaiveBook.side(levels) != nil))
                default:
                    book.set(level)
                    naive[level.price] = level.size == .zero ? nil : level.size
                }
                let best = side == .bid ? naive.keys.max() : naive.keys.min()
                if book.bestPrice != best || book.best?.price != best { Issue.record("round \(round)") }
                if book.size(at: level.price) != naive[level.price] ?? .zero { Issue.record("round \(round)") }
            }
        }
    }
}
