import UnixTool

/// Why books are shown from elsewhere, or not at all.
struct SwitchCause {
    /// What the lines that it brings are told by.
    let received: Int64
    /// From when nothing is trusted.
    let since: Int64
    /// In words: `a is silent`.
    let words: String
}

/// What an event has done to books, told in as few lines as may be.
struct SwitchOutcome {
    struct Move {
        let book: Int
        let source: Int
    }

    /// Shown from another source, or again.
    var moves: [Move] = []
    /// Shown from none any more.
    var losses: [Int] = []

    var isEmpty: Bool { moves.isEmpty && losses.isEmpty }
}

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
