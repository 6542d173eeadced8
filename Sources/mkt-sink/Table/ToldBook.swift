/// What plain lines have told of an instrument's book.
struct ToldBook {
    /// nil: nothing yet.
    var top: TableTop?
    /// The second in which it was told.
    var second = Int64.min
    /// It changed since, and waits for another second.
    var isPending = false
}
