import MarketModel

/// A rule at work on one book.
protocol BookWatch: AnyObject {
    var assignment: Assignment { get }
    /// Whether it looks behind the best levels, so that every line of the book is worth a look.
    var looksDeep: Bool { get }
    /// What fires at this sight. `isFresh` at the first sight since the book was unknown.
    func see(_ sight: BookSight, in book: @autoclosure () -> OrderBook, isFresh: Bool) -> Finding?
    func nearMiss(_ sight: BookSight, in book: OrderBook) -> String?
    /// Takes what a database says of the instrument from now on.
    func take(_ reference: InstrumentReference?)
}

/// A book strategy together with what it remembers of one book.
final class StrategyBookWatch<Looking: BookStrategy>: BookWatch {
    let assignment: Assignment
    private let strategy: Looking
    // Unchecked: a strategy cannot reach its watch.
    @exclusivity(unchecked) private var memory = Looking.Memory()
    private var reference: InstrumentReference?

    init(_ strategy: Looking, _ assignment: Assignment) {
        self.strategy = strategy
        self.assignment = assignment
    }

    var looksDeep: Bool { Looking.looksDeep }

    func see(_ sight: BookSight, in book: @autoclosure () -> OrderBook, isFresh: Bool) -> Finding? {
        if isFresh { restart() }
        return strategy.see(sight, in: book(), &memory)
    }

    private func restart() {
        memory = Looking.Memory()
        memory.take(reference)
    }

    func take(_ reference: InstrumentReference?) {
        self.reference = reference
        memory.take(reference)
    }

    func nearMiss(_ sight: BookSight, in book: OrderBook) -> String? { strategy.nearMiss(sight, in: book, memory) }
}
