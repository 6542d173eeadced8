/// What the account of a rule came to at its last line, in millionths of dollars.
struct Balance {
    let realized: Int128
    let fees: Int128
    /// nil where the line does not tell it.
    let unrealized: Int128?
    let pnl: Int128?
    /// How many instruments are held.
    let positions: Int64?

    /// Whether the numbers of the line are those of one account: `pnl` is what is earned less what is paid.
    var addsUp: Bool {
        guard let unrealized, let pnl else { return true }
        return pnl == realized + unrealized - fees
    }
}
