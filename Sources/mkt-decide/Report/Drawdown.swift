/// How far an account is, and ever was, below the best that it had been; it begins with nothing.
struct Drawdown {
    private var peak: Int128 = 0
    private(set) var now: Int128 = 0
    private(set) var greatest: Int128 = 0

    mutating func take(_ pnl: Int128) {
        peak = max(peak, pnl)
        now = peak - pnl
        greatest = max(greatest, now)
    }
}
