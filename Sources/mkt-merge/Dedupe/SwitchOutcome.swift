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
