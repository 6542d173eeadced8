/// How many lines came in each of the last seconds.
///
/// Eight counts in the place of a list: counting costs an addition, whatever the number of instruments.
struct RateWindow {
    /// Whole seconds that a rate is over.
    static let seconds: Int64 = 5
    private static let slots: Int64 = 8

    private var counts = SIMD8<UInt32>()
    /// The latest second that was counted in.
    private var latest = Int64.min

    /// Counts a line. A second before the latest one counts as the latest; one that lies so far back that there is no place for it (a clock
    /// was set back, or the latest was a slip) begins anew.
    mutating func count(at second: Int64) {
        if second > latest || latest - second >= RateWindow.slots { advance(to: second) }
        counts[RateWindow.slot(latest)] &+= 1
    }

    private mutating func advance(to second: Int64) {
        if latest == .min || second < latest || second - latest >= RateWindow.slots {
            counts = SIMD8()
        } else {
            for passed in (latest + 1)...second { counts[RateWindow.slot(passed)] = 0 }
        }
        latest = second
    }

    /// Lines in the five whole seconds before `second`.
    func total(before second: Int64) -> Int64 {
        var total: Int64 = 0
        for past in (second - RateWindow.seconds)..<second where past <= latest && latest - past < RateWindow.slots {
            total += Int64(counts[RateWindow.slot(past)])
        }
        return total
    }

    /// Lines a second in millionths, exactly: a fifth of a whole number.
    func millionths(before second: Int64) -> Int64 { total(before: second) * 1_000_000 / RateWindow.seconds }

    private static func slot(_ second: Int64) -> Int { Int(second & (slots - 1)) }
}
