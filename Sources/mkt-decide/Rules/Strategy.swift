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

    /// The strategy at work on one book; nil if it looks at none.
    func makeBookWatch(_ assignment: Assignment) -> (any BookWatch)?

    /// The strategy at work on the trades of one instrument; nil if it looks at none.
    func makeTradeWatch(_ assignment: Assignment) -> (any TradeWatch)?
}

extension Strategy {
    static var computesTrades: Bool { false }
    var readsBooks: Bool { false }
    var valueName: String? { nil }
    var historyMicros: Int64? { nil }
    func makeBookWatch(_ assignment: Assignment) -> (any BookWatch)? { nil }
    func makeTradeWatch(_ assignment: Assignment) -> (any TradeWatch)? { nil }
}

/// What a strategy remembers of one book or of the trades of one instrument.
protocol StrategyMemory {
    /// Nothing was seen yet.
    init()

    /// Takes what a database says of the instrument from now on; nil for nothing.
    mutating func take(_ reference: InstrumentReference?)
}

extension StrategyMemory {
    mutating func take(_ reference: InstrumentReference?) {}
}

/// A strategy that looks at single books.
///
/// It is asked whenever best bid or best ask may have changed while the book is known; one that looks deeper, at every line of it. After a
/// break it meets the book with a new memory, so that what happened unseen looks like nothing at all.
protocol BookStrategy: Strategy {
    associatedtype Memory: StrategyMemory

    /// Whether it looks at the levels behind the best, too.
    static var looksDeep: Bool { get }

    /// What fires at this sight, if anything. The book is fetched only when it is asked for: a copy counts references.
    func see(_ sight: BookSight, in book: @autoclosure () -> OrderBook, _ memory: inout Memory) -> Finding?

    /// What was missing where `see` has just found nothing, if it was little; for `--explain`.
    func nearMiss(_ sight: BookSight, in book: OrderBook, _ memory: Memory) -> String?
}

extension BookStrategy {
    static var looksDeep: Bool { false }
    var readsBooks: Bool { true }

    func makeBookWatch(_ assignment: Assignment) -> (any BookWatch)? {
        StrategyBookWatch(self, assignment)
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
