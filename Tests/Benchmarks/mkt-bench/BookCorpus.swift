import BenchSupport
import MarketModel

/// Whole books, and what happens to them then.
final class BookCorpus {
    struct Change {
        let question: Int
        let side: Side
        let level: Level
    }

    /// Best first; those of the questions in order, and again.
    let wholes: [(bids: [Level], asks: [Level])]
    let changes: [Change]
    /// The sum of the best bids after each change, in millionths.
    let bestSum: Int

    init(_ size: CorpusSize) {
        var exchange = Exchange(size, seed: 31)
        let books = (0..<size.questions).map { (exchange.levels($0, .bid), exchange.levels($0, .ask)) }
        wholes = (0..<max(size.lines, books.count)).map { books[$0 % books.count] }
        var (changes, sum): ([Change], Int) = ([], 0)
        for _ in 0..<size.lines {
            let question = exchange.question()
            let (side, level, _) = exchange.change(question)
            changes.append(Change(question: question, side: side, level: level))
            sum += Int(exchange.best(question, .bid)?.price.millionths ?? 0)
        }
        self.changes = changes
        bestSum = sum
    }
}
