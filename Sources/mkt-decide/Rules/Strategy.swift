import MarketModel
import UnixTool

/// What a rule looks for, apart from where it looks: the part that differs from strategy to strategy.
///
/// A strategy is a value that never changes. It reads no clock and no chance; what it remembers of an instrument is a memory of its own,
/// kept by the router and handed in. A new one is a type that conforms to `BookStrategy` or `TradeStrategy` and a line in `StrategyRegistry`.
protocol Strategy: Sendable {
    /// As the key `strategy` of a rule spells it.
    static var name: String { get }

    /// Reads its own keys of a rule; each fault names the place and the fix.
    init(_ reader: inout RuleReader) throws(ToolFailure)

    /// All its values, for the canonical text of the rule.
    var values: [String: RuleValue] { get }

    /// Behind "when", for `--check`: `the spread reaches 0.05`.
    var summary: String { get }

    /// Whether a decision of it tells a trade, so that a rule may ask for the action `trade`.
    static var computesTrades: Bool { get }

    /// Whether it looks at single books, so that somebody must keep them.
    var readsBooks: Bool { get }

    /// The name of the reference value that it wants of a database; nil if it wants none.
    var valueName: String? { get }

    /// The window of the history that it wants of a database, in microseconds; nil if it wants none.
    var historyMicros: Int64? { get }

    /// The strategy at work on the trades of one instrument; nil if it looks at none.
    func makeTradeWatch(_ assignment: Assignment) -> (any TradeWatch)?
}

extension Strategy {
    static var computesTrades: Bool { false }
    var readsBooks: Bool { false }
    var valueName: String? { nil }
    var historyMicros: Int64? { nil }
    func makeTradeWatch(_ assignment: Assignment) -> (any TradeWatch)? { nil }
}

/// What a strategy remembers of one book or of the trades of one instrument.
protocol StrategyMemory {
    /// Nothing was seen yet.
    init()

    /// Takes what a database says of the instrument from now on; nil for nothing.
    mutating func take(_ reference: InstrumentReference?)

    /// The number of the book's history of mids that it looks at (`BookMids`); nil before its first sight.
    var history: Int? { get }
}

extension StrategyMemory {
    mutating func take(_ reference: InstrumentReference?) {}
    var history: Int? { nil }
}

/// A strategy that looks at single books.
///
/// It is asked whenever best bid or best ask may have changed while the book is known; one that looks deeper, at every line of it. After a
/// break it meets the book with a new memory, so that what happened unseen looks like nothing at all.
protocol BookStrategy: RememberingStrategy {
    /// Whether it looks at the levels behind the best, too.
    static var looksDeep: Bool { get }

    /// How long it wants the mids of a book to be kept; nil if it does not look at mids of before.
    var keptMidsMicros: Int64? { get }

    /// What fires at this sight of a book that is known, if anything.
    func see(_ slot: BookSlot, _ memory: inout Memory) -> Finding?

    /// What was missing where `see` has just found nothing, if it was little; for `--explain`.
    func nearMiss(_ slot: BookSlot, _ memory: Memory) -> String?

    // The same of a strategy and a memory at their addresses.

    static func see(_ kept: UnsafeRawPointer, _ slot: BookSlot, _ place: UnsafeMutableRawPointer) -> Finding?
    static func nearMiss(_ kept: UnsafeRawPointer, _ slot: BookSlot, _ place: UnsafeMutableRawPointer) -> String?
}

extension BookStrategy {
    static var looksDeep: Bool { false }
    var readsBooks: Bool { true }
    var keptMidsMicros: Int64? { nil }

    static func see(_ kept: UnsafeRawPointer, _ slot: BookSlot, _ place: UnsafeMutableRawPointer) -> Finding? {
        kept.assumingMemoryBound(to: Self.self).pointee.see(slot, &memory(place).pointee)
    }

    static func nearMiss(_ kept: UnsafeRawPointer, _ slot: BookSlot, _ place: UnsafeMutableRawPointer) -> String? {
        kept.assumingMemoryBound(to: Self.self).pointee.nearMiss(slot, memory(place).pointee)
    }
}

/// A strategy that looks at trades. Its memory outlives breaks of the feed: a trade stays true.
protocol TradeStrategy: Strategy {
    associatedtype Memory: StrategyMemory

    /// What fires at this trade, if anything.
    func see(_ trade: TradeSight, _ memory: inout Memory) -> Finding?

    /// What was missing where `see` has just found nothing, if it was little; for `--explain`.
    func nearMiss(_ trade: TradeSight, _ memory: Memory) -> String?
}

extension TradeStrategy {
    func makeTradeWatch(_ assignment: Assignment) -> (any TradeWatch)? {
        StrategyTradeWatch(self, assignment)
    }
}
