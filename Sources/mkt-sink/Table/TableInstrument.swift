import MarketModel

/// What is known of one instrument of one venue.
struct TableInstrument {
    /// Safe for a terminal.
    let venue: String
    /// The label, else the instrument's id. Safe for a terminal; never empty.
    private(set) var name: String
    private(set) var isLabelled = false
    /// One for each feed that tells its book.
    private(set) var books: [TableBook] = []
    var trade: LastTrade?
    /// The receive time of its last line.
    private(set) var received = Timestamp(micros: .min)
    private(set) var rate = RateWindow()
    private(set) var lineCount: Int64 = 0
    /// What plain lines have told of it.
    var told = ToldBook()

    init(venue: String, id: String) {
        self.venue = venue.isEmpty ? "-" : venue
        name = id.isEmpty ? "-" : id
    }

    /// Takes the first label of which something can be seen.
    mutating func take(label: String) {
        guard label.contains(where: { $0 != " " }) else { return }
        isLabelled = true
        name = label
    }

    /// Counts a line.
    mutating func count(at second: Int64, received time: Timestamp) {
        rate.count(at: second)
        lineCount += 1
        received = received.followed(by: time)
    }

    /// Hands the book of a feed to `change`; makes one if there is none.
    mutating func withBook(ofFeed feed: Int, _ change: (inout TableBook) -> Void) {
        for index in books.indices where books[index].feed == feed { return change(&books[index]) }
        books.append(TableBook(feed: feed))
        change(&books[books.count - 1])
    }

    /// A break of a feed: true if a book was known until now.
    mutating func markUnknown(feed: Int, conn: Int64?) -> Bool {
        var wasKnown = false
        for index in books.indices where books[index].feed == feed && books[index].isConcerned(byBreakOf: conn) {
            if books[index].isKnown { wasKnown = true }
            books[index].markUnknown()
        }
        return wasKnown
    }

    /// The known book with the latest line, of equals the first; nil if none is known.
    var knownBook: OrderBook? {
        var best: TableBook?
        for book in books where book.isKnown && book.received > best?.received ?? Timestamp(micros: .min) { best = book }
        return best?.book
    }

    /// What is shown of the book.
    var top: TableTop { TableTop(knownBook) }
}
