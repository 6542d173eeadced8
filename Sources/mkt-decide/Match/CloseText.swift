import MarketModel

/// A time for people: `2026-09-25 16:00 UTC`.
enum CloseText {
    static func text(_ time: Timestamp) -> String {
        let minutes = floor(time.micros, 60_000_000)
        let days = floor(minutes, 1440)
        let (year, month, day) = date(days)
        let past = minutes - days * 1440
        return "\(year)-\(padded(month))-\(padded(day)) \(padded(past / 60)):\(padded(past % 60)) UTC"
    }

    private static func floor(_ value: Int64, _ unit: Int64) -> Int64 { value / unit - (value % unit < 0 ? 1 : 0) }

    private static func padded(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }

    /// Howard Hinnant's civil_from_days: years that begin in March, in cycles of 400.
    private static func date(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = floor(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let place = (5 * dayOfYear + 2) / 153
        let month = place < 10 ? place + 3 : place - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * place + 2) / 5 + 1)
    }
}
