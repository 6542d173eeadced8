import MarketModel

/// Where a line of a feed and an hour stands: `2026/09/25/15-kalshi.ndjson`, hours in UTC.
enum HourPath {
    static let hourMicros: Int64 = 3_600_000_000
    /// A name longer than this is cut; file systems take 255 bytes.
    private static let nameBytesMax = 120

    /// Hours since 1970 of a moment, rounded down.
    static func hour(of time: Timestamp) -> Int64 {
        floorDivide(time.micros, hourMicros)
    }

    /// The directory of an hour's day, without a slash at its end.
    static func directory(hour: Int64) -> String {
        let (year, month, day) = Timestamp.date(ofDay: floorDivide(hour, 24))
        return "\(CivilTime.padded(year, 4))/\(CivilTime.padded(month, 2))/\(CivilTime.padded(day, 2))"
    }

    static func file(hour: Int64, feed: UnsafeBufferPointer<UInt8>) -> String {
        "\(CivilTime.padded(hour - floorDivide(hour, 24) * 24, 2))-\(safeName(feed)).ndjson"
    }

    /// A name that cannot leave its directory or hide: letters, digits, `_`, `-` and inner dots stand as they are, all else as `%2F`.
    ///
    /// Different names stay different, except where one is too long: what is cut off is told by a hash.
    static func safeName(_ feed: UnsafeBufferPointer<UInt8>) -> String {
        var name = ""
        for (index, byte) in feed.enumerated() {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                name.append(Character(Unicode.Scalar(byte)))
            case UInt8(ascii: ".") where index > 0: name.append(".")
            default: name += "%" + hex(UInt64(byte), digits: 2)
            }
            if name.utf8.count > nameBytesMax { return name + "%" + hex(hash(feed), digits: 16) }
        }
        return name
    }

    /// FNV-1a.
    private static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    private static func hex(_ value: UInt64, digits: Int) -> String {
        let text = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: digits - text.utf8.count) + text
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
