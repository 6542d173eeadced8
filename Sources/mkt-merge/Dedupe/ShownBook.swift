import MarketModel

/// A book as the merged feed shows it, or showed it last: what a book that is to take its place must have come as far as.
struct ShownBook {
    let source: Int
    let progress: BookProgress
    let levels: OrderBook
    /// How often the source's book had become unknown before; nil if it is so now, and what comes of it next is another book.
    let breakCount: Int?

    /// The book of a source that is shown.
    init(_ book: SourceBook, of source: Int) {
        self.source = source
        progress = book.progress
        levels = book.levels
        breakCount = book.state == .unknown ? nil : book.breakCount
    }
}
