import MarketModel

/// A moment as the calendar and the clock of UTC have it.
struct CivilTime {
    let year: Int64
    let month: Int64
    let day: Int64
    let hour: Int64
    let minute: Int64
    let second: Int64
    let micros: Int64

    init(_ time: Int64) {
        let microsOfDay: Int64 = 86_400_000_000
        let days = TimeGrid.floor(time, microsOfDay)
        // Wrapped where the day began before the beginning of 64 bits; the difference is right all the same.
        let rest = time &- days &* microsOfDay
        (year, month, day) = CivilTime.date(days)
        hour = rest / 3_600_000_000
        minute = rest / 60_000_000 % 60
        second = rest / 1_000_000 % 60
        micros = rest % 1_000_000
    }

    /// Howard Hinnant's civil_from_days: years that begin in March, in cycles of 400.
    private static func date(_ days: Int64) -> (Int64, Int64, Int64) {
        let shifted = days + 719_468
        let era = TimeGrid.floor(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    /// `2026-09-25`.
    var date: String { "\(CivilTime.padded(year, 4))-\(CivilTime.padded(month, 2))-\(CivilTime.padded(day, 2))" }

    /// `19:13`.
    var hourMinute: String { "\(CivilTime.padded(hour, 2)):\(CivilTime.padded(minute, 2))" }

    /// `19:13:44`.
    var clock: String { "\(hourMinute):\(CivilTime.padded(second, 2))" }

    /// `2026-09-25 19:13:44`, to the second that had begun.
    var short: String { "\(date) \(clock)" }

    /// `2026-09-25T19:13:44.342537Z`, exact.
    var exact: String { "\(date)T\(clock).\(CivilTime.padded(micros, 6))Z" }

    static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value.magnitude)
        return (value < 0 ? "-" : "") + String(repeating: "0", count: max(width - digits.count, 0)) + digits
    }
}
