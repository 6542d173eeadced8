/// Reads the date of a header, an IMF-fixdate such as `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7).
enum HTTPDate {
    private static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// Microseconds since 1970, or nil if it is no date; the name of the day must be one, and need not fit the date.
    static func micros(fixdate text: String) -> Int64? {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].hasSuffix(","), weekdays.contains(String(parts[0].dropLast())), parts[5] == "GMT",
            let day = number(parts[1], digits: 2), let month = months.firstIndex(of: String(parts[2])),
            let year = number(parts[3], digits: 4), let days = days(year, Int64(month) + 1, day)
        else { return nil }
        let clock = parts[4].split(separator: ":", omittingEmptySubsequences: false)
        guard clock.count == 3, let hour = number(clock[0], digits: 2), let minute = number(clock[1], digits: 2),
            let second = number(clock[2], digits: 2), hour < 24, minute < 60, second <= 60
        else { return nil }
        return (days * 86400 + hour * 3600 + minute * 60 + second) * 1_000_000
    }

    private static func number(_ text: Substring, digits: Int) -> Int64? {
        text.utf8.count == digits ? HTTPText.digits(text) : nil
    }

    /// Days from 1970-01-01 to a date of the Gregorian calendar, or nil if there is no such day.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64? {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths: [Int64] = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard year >= 1, day >= 1, day <= lengths[Int(month) - 1] else { return nil }
        let before = year - 1
        let wholeYears = before * 365 + before / 4 - before / 100 + before / 400
        return wholeYears + lengths[..<(Int(month) - 1)].reduce(0, +) + day - 1 - 719_162
    }
}
