/// A moment as the calendar and the clock of UTC have it, for people and for names of files.
public struct CivilTime {
    public let year: Int64
    public let month: Int64
    public let day: Int64
    public let hour: Int64
    public let minute: Int64
    public let second: Int64
    public let micros: Int64

    /// - Parameter time: Any moment of 64 bits of microseconds; years before 0 are negative.
    public init(_ time: Timestamp) {
        let microsOfDay: Int64 = 86_400_000_000
        let (quotient, remainder) = time.micros.quotientAndRemainder(dividingBy: microsOfDay)
        let days = remainder < 0 ? quotient - 1 : quotient
        let rest = remainder < 0 ? remainder + microsOfDay : remainder
        (year, month, day) = Timestamp.date(ofDay: days)
        hour = rest / 3_600_000_000
        minute = rest / 60_000_000 % 60
        second = rest / 1_000_000 % 60
        micros = rest % 1_000_000
    }

    /// `2026-09-25`.
    public var date: String { "\(CivilTime.padded(year, 4))-\(CivilTime.padded(month, 2))-\(CivilTime.padded(day, 2))" }

    /// `19:13`.
    public var hourMinute: String { "\(CivilTime.padded(hour, 2)):\(CivilTime.padded(minute, 2))" }

    /// `19:13:44`.
    public var clock: String { "\(hourMinute):\(CivilTime.padded(second, 2))" }

    /// `2026-09-25 19:13:44`, to the second that had begun.
    public var short: String { "\(date) \(clock)" }

    /// `2026-09-25T19:13:44.342537Z`, exact.
    public var exact: String { "\(date)T\(clock).\(CivilTime.padded(micros, 6))Z" }

    /// A number with zeros before it, its sign apart.
    public static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value.magnitude)
        return (value < 0 ? "-" : "") + String(repeating: "0", count: max(width - digits.count, 0)) + digits
    }
}
