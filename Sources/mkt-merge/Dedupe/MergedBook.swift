import JSON
import MarketModel

/// One instrument: its book in every source, and which of them is shown.
final class MergedBook {
    /// Where an instrument stands in the merged feed.
    enum Showing: Equatable {
        /// No source has had a snapshot yet.
        case nothing
        /// The book of this source.
        case source(Int)
        /// What was shown last stands, though its source has broken: others have a book, and none is known to have come as far.
        case waiting
        /// Told as `gap`: the book shown last broke, and no source had one as new.
        case lost
    }

    /// What a book that waits is waiting by.
    struct Wait {
        let cause: SwitchCause
        /// When it is given up, by the clock of the run.
        let untilMicros: Int64
    }

    /// News of a source that is not shown.
    struct Behind {
        /// When it came, by the clock of the run.
        let sinceMicros: Int64
        /// The venue's time of it; nil for a snapshot that does not tell.
        let venueTime: Timestamp?

        /// Whether the book shown has it, or something that is as new.
        func isOver(for book: SourceBook) -> Bool {
            guard let venueTime, book.snapshotAtMicros < sinceMicros else { return book.newsAtMicros >= sinceMicros }
            return book.venueTime.map { $0 >= venueTime } ?? false
        }
    }

    // What every line looks at stands together, in as few of the cache's lines as may be.
    var showing = Showing.nothing
    /// It stands in the list of those to look after (`Dedupe+Watch`).
    var isWatched = false
    /// Of the merged feed's last line about it.
    var seq: Int64 = 0
    /// By source; nil where that has said nothing of it.
    private(set) var books: [SourceBook?] = []
    /// Another source has news that the one shown may lack.
    var behind: Behind?
    let venue: String
    let instrument: String
    /// What was shown last, while it waits and while it is lost.
    var last: ShownBook?
    /// While it waits.
    var wait: Wait?

    init(venue: String, instrument: String) {
        self.venue = venue
        self.instrument = instrument
    }

    /// Bytes from its beginning that every line needs.
    static let hotBytes = 128

    /// Asks for the memory where the books of the first sources are found.
    func askForBooks() { NearMemory.ask(for: &books, last: 4, of: 4) }

    func book(of source: Int) -> SourceBook? { source < books.count ? books[source] : nil }

    func add(_ book: SourceBook, of source: Int) {
        while books.count <= source { books.append(nil) }
        books[source] = book
    }

    func isShown(_ source: Int) -> Bool { showing == .source(source) }
}
