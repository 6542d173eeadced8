import JSON

/// Where the books of lines are that come soon, so that their memory can be asked for before it is needed.
///
/// With thousands of instruments a line waits longer for what is kept of its own than for all the work.
struct EarlyBooks: ~Copyable {
    private struct Place {
        let merged: Unmanaged<MergedBook>
        let book: Unmanaged<SourceBook>
    }

    /// By the decoder's number of an origin. Not retained, which would wait for the memory that is to be asked for: both live as long as the
    /// `Dedupe` that they are of.
    private var places: [Place?] = []
    private var next: Place?

    /// Origins whose books are known.
    var count: Int { places.count { $0 != nil } }

    /// A line of an origin was about this book.
    mutating func note(_ book: SourceBook, of merged: MergedBook, _ origin: Int) {
        while places.count <= origin { places.append(nil) }
        places[origin] = Place(merged: .passUnretained(merged), book: .passUnretained(book))
    }

    /// Asks for the memory of a book that comes after the next, if that has one, and for what the one of the call before points to.
    ///
    /// - Parameter origin: The number of the origin that it probably has.
    @inline(__always)
    mutating func expect(_ origin: Int?) {
        if let next {
            next.merged._withUnsafeGuaranteedRef { $0.askForBooks() }
            next.book._withUnsafeGuaranteedRef { $0.askForContent() }
        }
        next = nil
        guard let origin, origin < places.count, let place = places[origin] else { return }
        NearMemory.ask(for: place.merged, MergedBook.hotBytes)
        NearMemory.ask(for: place.book, SourceBook.hotBytes)
        next = place
    }
}
