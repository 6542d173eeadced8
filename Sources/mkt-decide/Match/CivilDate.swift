import MarketModel

/// A date as a question says it: parts of it may not be said.
struct CivilDate: Hashable {
    var year: Int64?
    /// 1 to 12; nil means the whole year.
    var month: Int64?
    var day: Int64?
    /// 1 to 4, in place of a month.
    var quarter: Int64?

    private static let names = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
    ]

    /// The number of a month by its name or the beginning of it: `sep`, `sept`, `september`.
    static func month(_ word: String) -> Int64? {
        guard word.utf8.count >= 3, let index = names.firstIndex(where: { $0.hasPrefix(word) }) else { return nil }
        let isShort = word.utf8.count == 3 || word == names[index] || (word == "sept")
        return isShort ? Int64(index + 1) : nil
    }

    /// Its first and last day, counted from 1970-01-01; nil where the year is not known or there is no such day.
    var days: ClosedRange<Int64>? {
        guard let year else { return nil }
        let firstMonth = month ?? quarter.map { $0 * 3 - 2 } ?? 1
        let lastMonth = month ?? quarter.map { $0 * 3 } ?? 12
        if let day {
            return Timestamp.days(year, firstMonth, day).map { $0...$0 }
        }
        let next = lastMonth == 12 ? Timestamp.days(year + 1, 1, 1) : Timestamp.days(year, lastMonth + 1, 1)
        guard let first = Timestamp.days(year, firstMonth, 1), let next else { return nil }
        return first...(next - 1)
    }

    /// The same with the year that brings it nearest to a day.
    func nearest(to other: Int64) -> CivilDate {
        guard year == nil else { return self }
        let around = 1970 + other / 365
        let candidates = (around - 2...around + 1).compactMap { year -> (distance: Int64, date: CivilDate)? in
            var date = self
            date.year = year
            return date.days.map { (abs($0.upperBound - other), date) }
        }
        return candidates.min { $0.distance < $1.distance }?.date ?? self
    }

    /// Whether the other date lies in this one, as far as both are said.
    func covers(_ other: CivilDate) -> Bool {
        if let year, let theirs = other.year, year != theirs { return false }
        if let quarter { return other.quarter == quarter || other.month.map { ($0 + 2) / 3 == quarter } ?? false }
        if let month, other.month != month { return false }
        if let day, other.day != day { return false }
        return true
    }

    /// How much is said: 1 a year, 2 a quarter or month, 3 a day.
    var precision: Int { day != nil ? 3 : (month != nil || quarter != nil ? 2 : 1) }
}
