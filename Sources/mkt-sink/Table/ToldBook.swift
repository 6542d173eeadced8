import MarketModel

/// What plain lines have told of an instrument's book.
struct ToldBook {
    /// nil: nothing yet.
    var top: TableTop?
    /// What is to tell, as of the last line that may have changed it.
    private(set) var now = TableTop(nil)
    /// The receive time of the line that made it so.
    private(set) var changed = Timestamp(micros: .min)
    /// The second in which it was told.
    var second = Int64.min
    /// It changed since, and waits for another second.
    var isPending = false

    /// A line of this time may have changed what is to tell.
    mutating func note(_ top: TableTop, at time: Timestamp) {
        guard top != now else { return }
        now = top
        changed = time
    }
}
