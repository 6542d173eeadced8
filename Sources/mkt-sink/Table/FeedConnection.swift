/// One socket's life, as the status lines of its feed tell of it.
struct FeedConnection {
    let conn: Int64
    /// The last word about all of it; nil before the first.
    var word: FeedWord?
    /// What was said of some of its instruments since.
    var partial: PartialTrouble?
    /// The end of the connection whose place it took; nil for one that took none.
    var filled: FeedWord?

    init(_ conn: Int64, filled: FeedWord?) {
        self.conn = conn
        self.filled = filled
    }
}
