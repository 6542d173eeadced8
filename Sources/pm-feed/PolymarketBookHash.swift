import Glibc
import JSON
import MarketModel
import OpenSSL

/// What goes into a book's hash beside its levels, as far as it is known. nil is "not told".
struct PolymarketHashInputs {
    /// Only REST tells these two; a hash that agrees with a guess proves the guess.
    var minOrderSize: String?
    var isNegRisk: Bool?
    var tickSize: String?
    /// With at least three decimals; "" for a token that was never traded.
    var lastTradePrice: String?
    /// Prices of late prints, newest first: the hash moves on before the print arrives, or after.
    var recentTrades: [String] = []

    /// A print of this token.
    mutating func noteTrade(_ price: String) {
        lastTradePrice = price
        noteNearbyTrade(price)
    }

    /// A price that may be the last one without our having been told: a print of the complement.
    mutating func noteNearbyTrade(_ price: String) {
        recentTrades.removeAll { $0 == price }
        recentTrades.insert(price, at: 0)
        if recentTrades.count > 4 { recentTrades.removeLast() }
    }

    /// A price as the hash spells it: three decimals at least, no further zeros behind them.
    static func spelling(_ price: Price) -> String {
        let (whole, rest) = price.millionths.quotientAndRemainder(dividingBy: 1_000_000)
        var (fraction, digits) = (rest, 6)
        while digits > 3, fraction % 10 == 0 {
            fraction /= 10
            digits -= 1
        }
        let text = String(fraction)
        return "\(whole)." + String(repeating: "0", count: digits - text.utf8.count) + text
    }
}

/// The venue's SHA-1 over a whole book: SHA-1 of a compact JSON object with the book's keys in a fixed order.
///
/// Its last keys are those that are known least surely, so the hash over all before them is kept and each guess costs one block.
/// The recipe has changed before (the last key is new since December 2025), so it has a version.
/// Source: venues dossier §2.9, verified on captured frames.
struct PolymarketBookHash: ~Copyable {
    enum Recipe: UInt8, CaseIterable {
        /// Ten keys, ending in `last_trade_price`.
        case tenKeys
        /// Nine keys, before December 2025.
        case nineKeys
    }

    /// How many guesses a disagreement is worth.
    enum Effort: UInt8 {
        /// What is told, and guesses for what is not.
        case plain
        /// Also other tick sizes and the prices near the top: a trade or a tick change whose message is still on its way.
        case neighbours
        /// Also every last price of three decimals: before a book is given up.
        case everyPrice
    }

    /// A guess for `last_trade_price`.
    private enum LastPrice {
        case text(String)
        case thousandths(Int64)

        var spelling: String {
            switch self {
            case .text(let text): text
            case .thousandths(let count): PolymarketHashInputs.spelling(Price(millionths: count * 1000))
            }
        }

        func append(to buffer: inout ByteBuffer) {
            switch self {
            case .text(let text): buffer.append(utf8: text)
            case .thousandths(let count):
                buffer.append("0.")
                if count < 100 { buffer.append("0") }
                if count < 10 { buffer.append("0") }
                buffer.append(integer: count)
            }
        }
    }

    private static let ticks = ["0.01", "0.001", "0.0001", "0.1", "0.005", "0.0025"]
    private static let minOrderSizes = ["5", "1", "10", "15", "20", "50", "100", "0.1"]

    /// The work up to the last price, which is what most guesses differ in.
    private struct Stem {
        struct Facts: Equatable {
            let recipe: Recipe
            let min: String
            let tick: String
            let isNegRisk: Bool
        }

        let facts: Facts
        let state: SHA1State
    }

    private var prefix = SHA1State()
    private var stem: Stem?
    private var buffer = ByteBuffer(capacity: 1 << 14)
    private var tail = ByteBuffer(capacity: 256)
    private let wanted = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: SHA1State.byteCount)
    private let found = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: SHA1State.byteCount)

    init() {}

    deinit {
        wanted.deallocate()
        found.deallocate()
    }

    /// Whether the book as it stands has the hash `hash` at `timestamp`. If so, the inputs that made it agree are kept in the book.
    mutating func agrees(
        _ book: PolymarketBook, timestamp: JSONText, hash: JSONText, recipe: Recipe, effort: Effort
    ) -> Bool {
        guard decode(hash) else { return false }
        buffer.removeAll()
        buffer.giveBack()
        appendHead(book, timestamp)
        prefix = SHA1State()
        prefix.update(buffer.bytes)
        stem = nil
        return agreesAsTold(book.hashInputs, recipe) || guess(book, recipe, effort)
    }

    /// Nearly always: everything is known, and right.
    private mutating func agreesAsTold(_ inputs: PolymarketHashInputs, _ recipe: Recipe) -> Bool {
        guard let min = inputs.minOrderSize, let isNegRisk = inputs.isNegRisk, let tick = inputs.tickSize,
            let last = recipe == .nineKeys ? "" : inputs.lastTradePrice
        else { return false }
        return tailAgrees(recipe, min, tick, isNegRisk, .text(last))
    }

    /// Tries what is likely for what is not told, or was told wrong.
    private mutating func guess(_ book: PolymarketBook, _ recipe: Recipe, _ effort: Effort) -> Bool {
        let lasts = recipe == .nineKeys ? [""] : likelyLastPrices(book, effort)
        for tick in ticks(book.hashInputs, effort) {
            for last in lasts where agrees(book, recipe, tick, .text(last)) { return true }
        }
        guard effort == .everyPrice, recipe == .tenKeys, let tick = book.hashInputs.tickSize else { return false }
        for thousandths in Int64(1)..<1000 where agrees(book, recipe, tick, .thousandths(thousandths)) { return true }
        return false
    }

    /// Tries one tick size and last price with all that may be right for the rest, and keeps what agreed.
    private mutating func agrees(_ book: PolymarketBook, _ recipe: Recipe, _ tick: String, _ last: LastPrice) -> Bool {
        let inputs = book.hashInputs
        for min in inputs.minOrderSize.map({ [$0] }) ?? PolymarketBookHash.minOrderSizes {
            for negRisk in inputs.isNegRisk.map({ [$0] }) ?? [false, true] where tailAgrees(recipe, min, tick, negRisk, last) {
                book.hashInputs.minOrderSize = min
                book.hashInputs.isNegRisk = negRisk
                book.hashInputs.tickSize = tick
                if recipe == .tenKeys { book.hashInputs.lastTradePrice = last.spelling }
                return true
            }
        }
        return false
    }

    private func ticks(_ inputs: PolymarketHashInputs, _ effort: Effort) -> [String] {
        guard let told = inputs.tickSize else { return PolymarketBookHash.ticks }
        return effort == .plain ? [told] : [told] + PolymarketBookHash.ticks.filter { $0 != told }
    }

    private func likelyLastPrices(_ book: PolymarketBook, _ effort: Effort) -> [String] {
        let inputs = book.hashInputs
        var prices: [String] = []
        func add(_ price: String) { if !prices.contains(price) { prices.append(price) } }
        if let told = inputs.lastTradePrice { add(told) }
        if effort == .plain, !prices.isEmpty { return prices }
        inputs.recentTrades.forEach(add)
        let (bids, asks) = (book.instrument.book.bids.levels, book.instrument.book.asks.levels)
        let near = [Level](bids.suffix(3)) + [Level](asks.suffix(3)) + book.changed.bids + book.changed.asks
        for level in near { add(PolymarketHashInputs.spelling(level.price)) }
        add("")
        return prices
    }

    private mutating func tailAgrees(_ recipe: Recipe, _ min: String, _ tick: String, _ negRisk: Bool, _ last: LastPrice) -> Bool {
        let facts = Stem.Facts(recipe: recipe, min: min, tick: tick, isNegRisk: negRisk)
        if stem?.facts != facts { stem = Stem(facts: facts, state: afterFacts(facts)) }
        guard var work = stem?.state else { return false }
        tail.removeAll()
        if recipe == .tenKeys {
            last.append(to: &tail)
            tail.append("\"")
        }
        tail.append("}")
        work.update(tail.bytes)
        work.finish(into: found)
        return memcmp(found.baseAddress!, wanted.baseAddress!, SHA1State.byteCount) == 0
    }

    /// The hash's state in front of the last price.
    private mutating func afterFacts(_ facts: Stem.Facts) -> SHA1State {
        tail.removeAll()
        tail.append(",\"min_order_size\":\"")
        tail.append(utf8: facts.min)
        tail.append("\",\"tick_size\":\"")
        tail.append(utf8: facts.tick)
        tail.append(facts.isNegRisk ? "\",\"neg_risk\":true" : "\",\"neg_risk\":false")
        if facts.recipe == .tenKeys { tail.append(",\"last_trade_price\":\"") }
        var state = prefix
        state.update(tail.bytes)
        return state
    }

    /// Everything up to the end of the asks.
    private mutating func appendHead(_ book: PolymarketBook, _ timestamp: JSONText) {
        buffer.append("{\"market\":\"")
        buffer.append(book.marketText)
        buffer.append("\",\"asset_id\":\"")
        buffer.append(book.assetText)
        buffer.append("\",\"timestamp\":\"")
        buffer.append(raw: timestamp)
        buffer.append("\",\"hash\":\"\",\"bids\":[")
        appendLevels(book.instrument.book.bids.levels, book.oddBids)
        buffer.append("],\"asks\":[")
        appendLevels(book.instrument.book.asks.levels, book.oddAsks)
        buffer.append("]")
    }

    /// Worst first: the order in which the venue sends and hashes them, and in which a side keeps them.
    private mutating func appendLevels(_ levels: [Level], _ odd: [Price: PolymarketBook.LevelText]) {
        var isFirst = true
        for level in levels {
            buffer.append(isFirst ? "{\"price\":\"" : ",{\"price\":\"")
            isFirst = false
            if !odd.isEmpty, let text = odd[level.price] {
                buffer.append(utf8: text.price)
                buffer.append("\",\"size\":\"")
                buffer.append(utf8: text.size)
            } else {
                buffer.append(millionths: level.price.millionths)
                buffer.append("\",\"size\":\"")
                buffer.append(millionths: level.size.millionths)
            }
            buffer.append("\"}")
        }
    }

    /// Turns 40 hex digits into `wanted`. False if they are none.
    private func decode(_ hash: JSONText) -> Bool {
        guard hash.count == SHA1State.byteCount * 2 else { return false }
        for index in 0..<SHA1State.byteCount {
            guard let high = PolymarketBookHash.digit(hash.base[2 * index]),
                let low = PolymarketBookHash.digit(hash.base[2 * index + 1])
            else { return false }
            wanted[index] = high << 4 | low
        }
        return true
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
