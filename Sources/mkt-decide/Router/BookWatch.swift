/// A rule at work on one book.
protocol BookWatch: AnyObject {
    var assignment: Assignment { get }
    /// What fires at this sight. `isFresh` at the first sight since the book was unknown.
    func see(_ sight: BookSight, isFresh: Bool) -> Finding?
    func nearMiss(_ sight: BookSight) -> String?
}

/// A book strategy together with what it remembers of one book.
final class StrategyBookWatch<Looking: BookStrategy>: BookWatch {
    let assignment: Assignment
    private let strategy: Looking
    // Unchecked: a strategy cannot reach its watch.
    @exclusivity(unchecked) private var memory = Looking.Memory()

    init(_ strategy: Looking, _ assignment: Assignment) {
        self.strategy = strategy
        self.assignment = assignment
    }

    func see(_ sight: BookSight, isFresh: Bool) -> Finding? {
        if isFresh { memory = Looking.Memory() }
        return strategy.see(sight, &memory)
    }

    func nearMiss(_ sight: BookSight) -> String? { strategy.nearMiss(sight, memory) }
}
