/// A rule at work on the trades of one instrument.
protocol TradeWatch: AnyObject {
    var assignment: Assignment { get }
    /// What fires at this trade.
    func see(_ trade: TradeSight) -> Finding?
    func nearMiss(_ trade: TradeSight) -> String?
    /// Takes what a database says of the instrument from now on.
    func take(_ reference: InstrumentReference?)
}

/// A trade strategy together with what it remembers of one instrument.
final class StrategyTradeWatch<Looking: TradeStrategy>: TradeWatch {
    let assignment: Assignment
    private let strategy: Looking
    // Unchecked: a strategy cannot reach its watch.
    @exclusivity(unchecked) private var memory = Looking.Memory()

    init(_ strategy: Looking, _ assignment: Assignment) {
        self.strategy = strategy
        self.assignment = assignment
    }

    func see(_ trade: TradeSight) -> Finding? { strategy.see(trade, &memory) }

    func take(_ reference: InstrumentReference?) { memory.take(reference) }

    func nearMiss(_ trade: TradeSight) -> String? { strategy.nearMiss(trade, memory) }
}
