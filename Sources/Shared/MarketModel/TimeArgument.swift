import JSON

/// Reads the times of options such as `--from`: whole microseconds since 1970, a day (its midnight in UTC), or RFC 3339.
public enum TimeArgument {
    /// For messages about a text that is none.
    public static let expectation = "a time such as 2026-09-25T19:00:00Z, 2026-09-25 or microseconds since 1970"

    /// The moment that a text names; nil for a text that names none.
    public static func parse(_ text: String) -> Timestamp? {
        var text = text
        return text.withUTF8 { bytes in
            guard let base = bytes.baseAddress else { return nil }
            let argument = JSONText(base: base, count: bytes.count)
            return argument.integer.map { Timestamp(micros: $0) } ?? Timestamp(rfc3339: argument) ?? midnight(argument)
        }
    }

    /// `YYYY-MM-DD`.
    private static func midnight(_ day: JSONText) -> Timestamp? {
        guard day.count == 10 else { return nil }
        var time = ByteBuffer()
        time.append(raw: day)
        time.append("T00:00:00Z")
        return Timestamp(rfc3339: time.text)
    }
}
