import UnixTool

/// What is told in heartbeats and at the end.
struct DedupeCounts {
    /// Trades that were there already.
    var tradeCopies: Int64 = 0
    /// Book lines of sources that are not shown.
    var bookLinesUnused: Int64 = 0
    /// Books shown from another source than before.
    var switches: Int64 = 0
    /// Books that no source had.
    var losses: Int64 = 0
}

extension Counters {
    mutating func set(_ counts: DedupeCounts) {
        set("copies_trade", counts.tradeCopies)
        set("unused_book_lines", counts.bookLinesUnused)
        set("switches", counts.switches)
        set("books_lost", counts.losses)
    }
}
