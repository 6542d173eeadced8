import MarketModel
import TestSupport

/// The true books of the venue on paper, and every state that they ever had.
struct PaperTruth {
    private(set) var books: [String: WireBook] = [:]
    /// The version of each book: the venue's time of its last change, in milliseconds.
    private(set) var versions: [String: Int64] = [:]
    /// The latest version at which a book was in a state.
    private var states: [String: [String: Int64]] = [:]
    private var millis = venueMillis
    private var sizes = 1

    init(_ books: [WireBook]) {
        for book in books {
            self.books[book.asset] = book
            versions[book.asset] = venueMillis
            states[book.asset] = [PaperTruth.state(book): venueMillis]
        }
    }

    /// One level of one book changes; gives the token and the message.
    mutating func change(at micros: Int64, _ chance: inout SeededGenerator) -> (token: String, frame: String) {
        let token = chance.pick(books.keys.sorted())
        millis = max(millis + 1, micros / 1000 - 1000)
        sizes += 1
        var book = books[token]!
        let isBid = chance.chance(2)
        let price = "0.\(isBid ? 10 + chance.below(40) : 55 + chance.below(40))"
        let side = isBid ? book.bids : book.asks
        // No size is given twice, so that a state tells its version; and no side is ever empty.
        let isRemoval = side.count > 2 && side.contains { $0.0 == price } && chance.chance(2)
        var frame = book.change(isBid ? "BUY" : "SELL", price, isRemoval ? "0" : "\(sizes)", millis)
        if chance.chance(10) { frame = book.frame(millis, isFirst: false) }
        books[token] = book
        versions[token] = millis
        states[token]?[PaperTruth.state(book)] = millis
        return (token, frame)
    }

    func frame(_ token: String) -> String { books[token]!.frame(versions[token]!) }
    func rest(_ token: String) -> String { books[token]!.rest(versions[token]!) }

    /// The latest version that looked like this; nil if none ever did.
    func version(of token: String, _ book: OrderBook) -> Int64? {
        states[token]?[PaperTruth.state(book.bids.levels) + "|" + PaperTruth.state(book.asks.levels)]
    }

    private static func state(_ book: WireBook) -> String { state(book.bids) + "|" + state(book.asks) }

    private static func state(_ levels: [Level]) -> String { state(levels.map { ($0.price.millionths, $0.size.millionths) }) }

    private static func state(_ levels: [(String, String)]) -> String {
        state(levels.map { (Int64((Double($0.0)! * 1_000_000).rounded()), Int64((Double($0.1)! * 1_000_000).rounded())) })
    }

    private static func state(_ levels: [(Int64, Int64)]) -> String {
        levels.sorted { $0.0 < $1.0 }.map { "\($0.0):\($0.1)" }.joined(separator: " ")
    }
}
