public import JSON

extension Timestamp {
    /// Reads RFC 3339 (`2026-09-25T19:13:44.342537Z`, `2026-09-25 19:00:00+00`, an offset of hours and minutes), or nil.
    ///
    /// Digits beyond the microsecond are left off. Venues write a blank for the `T` and leave the offset's minutes out; both are taken.
    public init?(rfc3339 text: JSONText) {
        var reader = TimeReader(text)
        guard let year = reader.digits(4), reader.take("-"), let month = reader.digits(2), reader.take("-"),
            let day = reader.digits(2), reader.take("T") || reader.take("t") || reader.take(" "),
            let hour = reader.digits(2), reader.take(":"), let minute = reader.digits(2), reader.take(":"),
            let second = reader.digits(2), let fraction = reader.fraction(), let offset = reader.offsetSeconds(),
            reader.isAtEnd, let days = Timestamp.days(year, month, day), hour < 24, minute < 60, second <= 60
        else { return nil }
        let seconds = days * 86400 + hour * 3600 + minute * 60 + second - offset
        self.init(micros: seconds * 1_000_000 + fraction)
    }

    /// Days from 1970-01-01 to a date of the Gregorian calendar, or nil if there is no such day.
    public static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64? {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths: [Int64] = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard (1...12).contains(month), day >= 1, day <= lengths[Int(month) - 1] else { return nil }
        // Howard Hinnant's days_from_civil: years that begin in March, in cycles of 400.
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// The date of the Gregorian calendar so many days after 1970-01-01, or before it: the inverse of `days`.
    public static func date(ofDay days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        // Howard Hinnant's civil_from_days.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}

/// Steps through the text of a time.
private struct TimeReader {
    private let text: JSONText
    private var at = 0

    init(_ text: JSONText) { self.text = text }

    var isAtEnd: Bool { at == text.count }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard at < text.count, text.base[at] == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }

    mutating func digits(_ count: Int) -> Int64? {
        guard text.count - at >= count else { return nil }
        var value: Int64 = 0
        for index in at..<(at + count) {
            let digit = text.base[index] &- UInt8(ascii: "0")
            guard digit <= 9 else { return nil }
            value = value * 10 + Int64(digit)
        }
        at += count
        return value
    }

    /// Microseconds of `.` and one digit or more; 0 without a point.
    mutating func fraction() -> Int64? {
        guard take(".") else { return 0 }
        var value: Int64 = 0
        var count = 0
        while let digit = digits(1) {
            if count < 6 { value = value * 10 + digit }
            count += 1
        }
        guard count > 0 else { return nil }
        while count < 6 {
            value *= 10
            count += 1
        }
        return value
    }

    /// Seconds east of Greenwich.
    mutating func offsetSeconds() -> Int64? {
        if take("Z") || take("z") { return 0 }
        let isEast = take("+")
        guard isEast || take("-"), let hours = digits(2), hours < 24 else { return nil }
        var minutes: Int64 = 0
        if !isAtEnd {
            _ = take(":")
            guard let told = digits(2), told < 60 else { return nil }
            minutes = told
        }
        return (isEast ? 1 : -1) * (hours * 3600 + minutes * 60)
    }
}
