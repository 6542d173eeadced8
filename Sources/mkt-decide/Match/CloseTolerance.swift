/// How far apart two venues may close the same question.
///
/// It follows from what both questions say. A time of day: two minutes, since a price at a moment is another question five minutes later.
/// A day: venues keep a question about a day open for two weeks after it, so that a late result is still traded (16 days with the
/// zones); the day itself is then what tells questions apart. A month: the same beyond its end; a year: what takes office or is counted
/// in the next one. Nothing: 36 hours, the 26 hours between the first and the last zone that has a midnight and ten for the venues' habits.
enum CloseTolerance {
    static let minute: Int64 = 60_000_000
    static let day: Int64 = 86_400_000_000

    /// - Parameter precision: 3 where both name the day, 2 the month, 1 the year, 0 nothing.
    static func micros(precision: Int, hasTimeOfDay: Bool) -> Int64 {
        if hasTimeOfDay { return 2 * minute }
        switch precision {
        case 3: return 16 * day
        case 2: return 46 * day
        case 1: return 400 * day
        default: return 36 * 60 * minute
        }
    }
}
