import JSON
import MarketModel

/// One written line of every type, by the same calls that tools use.
enum EventLines {
    static let market = EventOrigin(feed: "pm", venue: "polymarket", market: "0x90", instrument: "7486", label: "up/\"Yes\"")
    static let feed = EventOrigin(feed: "pm", venue: "polymarket")
    static let bids = [Level(780_000, 30_000_000), Level(770_000, 45_200_000)]
    static let asks = [Level(800_000, 71_030_000)]

    static func line(_ kind: EventKind) -> String {
        var buffer = ByteBuffer()
        write(kind, to: &buffer)
        return String(decoding: buffer.bytes, as: UTF8.self)
    }

    static func write(_ kind: EventKind, to buffer: inout ByteBuffer) {
        buffer.beginEvent(
            kind, kind.isMarketData ? market : feed, conn: 1, seq: kind.isBook ? 42 : nil,
            received: Timestamp(micros: 1_790_267_321_911_204),
            venueTime: Timestamp(micros: 1_790_267_321_830_000))
        switch kind {
        case .instrument: buffer.append(facts)
        case .bookSnapshot:
            buffer.append(.bids, levels: bids)
            buffer.append(.asks, levels: asks)
            buffer.append(.reason, word: "initial")
            buffer.append(.verified, bool: true)
        case .bookDelta:
            buffer.append(.bids, levels: [Level]())
            buffer.append(.asks, levels: [Level(40_000, 0)])
            buffer.append(.verified, bool: nil)
        case .quote:
            buffer.append(.bid, quote: Quote(bids[0]))
            buffer.append(.ask, quote: Quote(price: asks[0].price, size: nil))
        case .trade:
            buffer.append(.price, millionths: 984_000)
            buffer.append(.size, millionths: 148_780_000)
            buffer.append(.aggressorSide, word: "buy")
            buffer.append(.tradeID, string: "0723-\n")
            buffer.append(.tx, string: String?.none)
        case .marketStatus: buffer.append(.state, word: MarketState.paused.name)
        case .resolution:
            buffer.append(.settlementPrice, millionths: 1_000_000)
            buffer.append(.outcomeWon, bool: true)
        case .ticker:
            buffer.append(.lastPrice, millionths: 500_000)
            buffer.append(.volume, millionths: 120_500_000)
            buffer.append(.bid, quote: nil)
            buffer.append(.ask, quote: Quote(asks[0]))
        case .feedStatus:
            buffer.append(.state, word: "gap")
            buffer.append(.sinceUs, integer: 5)
            buffer.append(.instruments, strings: ["a", "b\"c"])
            buffer.append(.counters, counters: [("lines", 3), ("skipped", -1)])
        case .stageStatus:
            buffer.append(.stage, string: "mkt-merge")
            buffer.append(.counters, counters: [])
        case .ownOrder:
            buffer.append(.orderID, string: "o1")
            buffer.append(.side, word: "sell")
            buffer.append(.state, word: "open")
        case .ownFill:
            buffer.append(.tradeID, string: "t1")
            buffer.append(.isTaker, bool: false)
            buffer.append(.fee, millionths: -1)
        case .ownPosition: buffer.append(.size, millionths: -10_500_000)
        case .ownAccount:
            buffer.append(.rule, string: "r")
            buffer.append(.pnl, millionths: -1)
            buffer.append(.positions, integer: 2)
        case .decision:
            buffer.append(.rule, string: "r")
            buffer.append(.edge, millionths: -1)
        }
        buffer.endEvent()
    }

    static var facts: InstrumentFacts {
        var facts = InstrumentFacts()
        facts.outcome = "Up"
        facts.complement = "7487"
        facts.state = .open
        facts.tickSize = Price(millionths: 10_000)
        facts.minSize = Size(millionths: 5_000_000)
        facts.priceRanges = [
            PriceRange(start: .zero, end: Price(millionths: 500_000), step: Price(millionths: 1000)),
            PriceRange(start: Price(millionths: 500_000), end: .one, step: Price(millionths: 10_000)),
        ]
        facts.opens = Timestamp(micros: 1)
        facts.fee = Fee(.quadratic, takerRate: 70_000, makerRate: 0, exponent: 1_000_000, multiplier: 1_000_000)
        return facts
    }
}
