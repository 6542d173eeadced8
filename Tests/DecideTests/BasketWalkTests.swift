import JSON
import MarketModel
import TestSupport
import Testing

@testable import mkt_decide

struct BasketWalkTests {
    private static let seven = Fee(.quadratic, takerRate: 70_000, makerRate: 0, exponent: 1_000_000, multiplier: 1_000_000)

    private func ladder(
        _ stake: Basket.Stake, _ levels: [Level], _ fee: Fee = Fee(.free), _ rounding: FeeRounding = .up6
    ) throws -> Ladder {
        var book = OrderBook()
        book.replace(bids: stake == .buy ? [] : levels, asks: stake == .buy ? levels : [])
        return Ladder(book, stake, try TakerFee(fee), rounding)
    }

    private func limits(_ minEdge: Int64 = 0, size: Int64 = .max, cost: Int64 = .max) -> BasketLimits {
        BasketLimits(minEdge: minEdge, maxSize: size, maxCost: cost, maxAgeMicros: 1)
    }

    /// The example of docs/strategies.md.
    private func example(_ limits: BasketLimits) throws -> BasketTotal? {
        var walk = BasketWalk(
            [
                try ladder(.buy, [Level(400_000, 100_000_000), Level(420_000, 100_000_000)], BasketWalkTests.seven, .halfUp5),
                try ladder(.buyOpposite, [Level(550_000, 150_000_000)], BasketWalkTests.seven, .centUp),
            ], isBuying: true, limits)
        let size = walk.size()
        return size > 0 ? try walk.total(size) : nil
    }

    @Test func example_ofTheDocumentation() throws {
        let total = try #require(try example(limits(5000)))
        #expect(total.size == 150_000_000 && total.cost == 128_500_000 && total.payout == 150_000_000)
        #expect(total.legs.map(\.fee) == [2_532_600, 2_600_000] && total.fees == 5_132_600)
        #expect(total.profit == 16_367_400 && total.edge == 109_116)
        #expect(total.legs.map(\.price) == [420_000, 450_000])
        // (40 + 21) / 150 = 0.40666…, which a buyer pays 0.406667 at most.
        #expect(total.legs.map(\.averagePrice) == [406_667, 450_000])
    }

    @Test func marginalEdge_decidesHowDeep() throws {
        #expect(try example(limits(95_623))?.size == 150_000_000)
        #expect(try example(limits(95_624))?.size == 100_000_000)
        #expect(try example(limits(115_875))?.size == 100_000_000)
        #expect(try example(limits(115_876)) == nil)
    }

    @Test func caps_cutTheWorstStep_toHundredths() throws {
        #expect(try example(limits(0, size: 120_019_999))?.size == 120_010_000)
        #expect(try example(limits(0, size: 9_999)) == nil)
        // 85 for the first hundred, then 0.87 a share: 1 more buys 1.149… shares.
        let capped = try #require(try example(limits(0, cost: 86_000_000)))
        #expect(capped.size == 101_140_000 && capped.cost == 85_991_800 && capped.legs[0].price == 420_000)
        #expect(try example(limits(0, cost: 85_000_000))?.size == 100_000_000)
        #expect(try example(limits(0, cost: 85_000_000))?.legs[0].price == 400_000)
    }

    @Test func stepCutAwayWholly_isAsIfItHadNeverBeen() throws {
        var walk = BasketWalk(
            [
                try ladder(.buy, [Level(100_000, 10_000), Level(200_000, 9_999)]),
                try ladder(.buy, [Level(300_000, 50_000_000)]),
            ], isBuying: true, limits())
        let size = walk.size()
        #expect(size == 10_000)
        #expect(try walk.total(size).legs.map(\.price) == [100_000, 300_000])
    }

    @Test func sumBeyond64Bits_isNoTotal() throws {
        var walk = BasketWalk(
            [try ladder(.sell, [Level(900_000, .max)]), try ladder(.sell, [Level(900_000, .max)])], isBuying: false, limits())
        let size = walk.size()
        #expect(size == Int64.max - Int64.max % 10_000)
        #expect(throws: BasketTotal.Overflow.self) { try walk.total(size) }
    }

    @Test func profitOfExactlyNothing_isNotWorthIt() throws {
        func total(_ price: Int64) throws -> BasketTotal {
            let tiny = Fee(.quadratic, takerRate: 100, makerRate: 0, exponent: 1_000_000, multiplier: 1_000_000)
            var walk = BasketWalk(
                [try ladder(.buy, [Level(price, 1_000_000)]), try ladder(.buy, [Level(500_000, 1_000_000)], tiny, .centUp)],
                isBuying: true, limits())
            return try walk.total(walk.size())
        }
        #expect(try total(490_000).profit == 0 && total(490_000).isWorth(0) == false)
        #expect(try total(489_999).profit == 1 && total(489_999).isWorth(0) && total(489_999).isWorth(1) && !total(489_999).isWorth(2))
    }

    @Test func selling_isMadeOfADollar() throws {
        var walk = BasketWalk(
            [try ladder(.sell, [Level(600_001, 10_003)]), try ladder(.sell, [Level(500_000, 5_000), Level(410_000, 99_000)])],
            isBuying: false, limits())
        let size = walk.size()
        let total = try walk.total(size)
        #expect(size == 10_000 && total.cost == 10_000)
        // 0.01 × 0.600001 + 0.005 × 0.5 + 0.005 × 0.41 = 0.01055001, of which a seller gets 0.01055.
        #expect(total.payout == 10_550 && total.profit == 550 && total.legs.map(\.averagePrice) == [600_001, 455_000])
    }

    // MARK: Against a walk share by share

    private struct Case {
        var stakes: [Basket.Stake]
        var levels: [[Level]]
        var fees: [Fee]
        var roundings: [FeeRounding]
        var limits: BasketLimits
    }

    /// Sizes are multiples of 0.001 shares, so that a unit of that size can be taken at a time.
    private func random(_ chance: inout SeededGenerator) -> Case {
        let count = Int.random(in: 2...4, using: &chance)
        let isSelling = Bool.random(using: &chance)
        var made = Case(stakes: [], levels: [], fees: [], roundings: [], limits: limits())
        for _ in 0..<count {
            let stake: Basket.Stake = isSelling ? .sell : Bool.random(using: &chance) ? .buy : .buyOpposite
            let start = Int64.random(in: 1...18, using: &chance) * 1_000_000 / Int64(20 * count) * (isSelling ? 2 : 1)
            var prices: [Int64] = []
            for _ in 0..<Int.random(in: 1...6, using: &chance) {
                let price = start + (isSelling ? -1 : 1) * Int64.random(in: 0...80_000, using: &chance)
                if (0...1_000_000).contains(price), !prices.contains(price) { prices.append(price) }
            }
            made.levels.append(
                prices.map {
                    Level(stake == .buyOpposite ? 1_000_000 - $0 : $0, Int64.random(in: 1...60, using: &chance) * 1000)
                })
            made.stakes.append(stake)
            made.fees.append(
                Fee(
                    .quadratic, takerRate: [0, 20_000, 70_000].randomElement(using: &chance), makerRate: 0,
                    exponent: [0, 1_000_000, 2_000_000].randomElement(using: &chance),
                    multiplier: [500_000, 1_000_000].randomElement(using: &chance)))
            made.roundings.append(FeeRounding.allCases.randomElement(using: &chance) ?? .up6)
        }
        made.limits = BasketLimits(
            minEdge: [0, 1, 5000, 40_000].randomElement(using: &chance) ?? 0, maxSize: Int64.random(in: 10_000...150_000, using: &chance),
            maxCost: Int64.random(in: 1000...150_000, using: &chance), maxAgeMicros: 1)
        return made
    }

    /// Every 0.001 shares by itself; all in parts of 10^-36 dollars, and fees by another formula.
    private func shareByShare(_ made: Case) throws -> (size: Int64, money: Int128, limits: [Int64]) {
        let isSelling = made.stakes[0] == .sell
        let units = zip(made.stakes, made.levels).map { stake, levels in
            let priced = levels.map {
                ($0.size.millionths / 1000, stake == .buyOpposite ? 1_000_000 - $0.price.millionths : $0.price.millionths)
            }
            return priced.sorted { isSelling ? $0.1 > $1.1 : $0.1 < $1.1 }.flatMap { Array(repeating: $0.1, count: Int($0.0)) }
        }
        var taken: [(money: Int64, prices: [Int64])] = []
        var spent: Int128 = 0
        while taken.count < units.map(\.count).min() ?? 0 {
            let prices = units.map { $0[taken.count] }
            let sum = prices.reduce(0, +)
            var earned = Int128(isSelling ? sum - 1_000_000 : 1_000_000 - sum) * 1_000_000_000_000_000_000_000_000_000_000
            for (price, fee) in zip(prices, made.fees) {
                var share = Int128(fee.takerRate ?? 0) * Int128(fee.multiplier ?? 0) * 1_000_000_000_000_000_000_000_000
                for _ in 0..<((fee.exponent ?? 0) / 1_000_000) {
                    share = share / 1_000_000_000_000 * Int128(price) * Int128(1_000_000 - price)
                }
                earned -= share
            }
            guard earned >= Int128(made.limits.minEdge) * 1_000_000_000_000_000_000_000_000_000_000 else { break }
            guard Int64(taken.count + 1) * 1000 <= made.limits.maxSize else { break }
            spent += Int128(isSelling ? 1_000_000 : sum) * 1000
            guard spent <= Int128(made.limits.maxCost) * 1_000_000 else { break }
            taken.append((sum, prices))
        }
        taken.removeLast(taken.count % 10)
        return (Int64(taken.count) * 1000, taken.reduce(0) { $0 + Int128($1.money) * 1000 }, taken.last?.prices ?? [])
    }

    @Test(arguments: 0..<20)
    func randomBooks_agreeWithAWalkShareByShare(seed: UInt64) throws {
        var chance = SeededGenerator(seed: seed)
        var found = 0
        for _ in 0..<200 {
            let made = random(&chance)
            var ladders: [Ladder] = []
            for place in made.stakes.indices {
                ladders.append(try ladder(made.stakes[place], made.levels[place], made.fees[place], made.roundings[place]))
            }
            var walk = BasketWalk(ladders, isBuying: made.stakes[0] != .sell, made.limits)
            let size = walk.size()
            let expected = try shareByShare(made)
            #expect(size == expected.size, "\(made)")
            guard size > 0, size == expected.size else { continue }
            found += 1
            let total = try walk.total(size)
            #expect(total.legs.map(\.price) == expected.limits)
            let money = total.isBuying ? (expected.money + 999_999) / 1_000_000 : expected.money / 1_000_000
            #expect(Int128(total.isBuying ? total.cost : total.payout) == money)
            #expect(total.profit == total.payout - total.cost - total.fees)
            #expect(total.fees == total.legs.reduce(0) { $0 + $1.fee })
        }
        #expect(found > 40, "hardly anything was found: the books prove nothing")
    }
}
