/// The name of a segment in the folder of its day: `19-kalshi.ndjson`, and `19.0001-kalshi.ndjson` for the next of that hour and feed.
///
/// No two segments share a name, since all that stands before the first `-` is the hour and the number, and a feed's name cannot
/// reach there. By name the segments of one feed stand in the order in which they were begun.
public struct SegmentName: Hashable, Sendable {
    /// What names of segments end with.
    public static let suffix = ".ndjson"
    /// The file of a folder that tells of its sealed segments; patterns such as `*.ndjson` pass over it.
    public static let manifest = "manifest.jsonl"
    private static let openSuffix = ".open"
    /// A feed's name longer than this is cut; file systems take 255 bytes.
    private static let feedBytesMax = 120
    /// No sink counts so far; a larger number is of somebody else.
    private static let numberMax = 1_000_000_000

    /// The hour of the day in UTC, 0 to 23, in which the span of the segment begins.
    public let hour: Int64
    /// How many segments of this hour and feed were begun before it.
    public let number: Int
    /// The feed, as `safe` spells it.
    public let feed: String

    public init(hour: Int64, number: Int, feed: String) {
        self.hour = hour
        self.number = number
        self.feed = feed
    }

    /// Reads the name of a sealed segment, or of one that is written to; nil for any other name.
    public init?(_ name: String) {
        let isOpen = name.hasPrefix(".") && name.hasSuffix(SegmentName.openSuffix)
        let file = isOpen ? String(name.dropFirst().dropLast(SegmentName.openSuffix.utf8.count)) : name
        guard file.hasSuffix(SegmentName.suffix), let dash = file.firstIndex(of: "-") else { return nil }
        let parts = file[..<dash].split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let hour = Int64(parts[0]), hour < 24, let number = parts.count == 2 ? Int(parts[1]) : 0,
            number <= SegmentName.numberMax
        else { return nil }
        let feed = file[file.index(after: dash)...].dropLast(SegmentName.suffix.utf8.count)
        guard feed.utf8.allSatisfy({ SegmentName.isPlain($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "%") }) else { return nil }
        self.init(hour: hour, number: number, feed: String(feed))
        guard self.file == file else { return nil }
    }

    /// The segment that a file holds, and what stands behind the segment's own name: nothing, or such as `.zst`; nil for any other file.
    public static func parts(of file: String) -> (name: SegmentName, ending: Substring)? {
        if let name = SegmentName(file) { return (name, "") }
        guard let end = file.ranges(of: suffix).last?.upperBound, let name = SegmentName(String(file[..<end])) else { return nil }
        return (name, file[end...])
    }

    /// The name once it is sealed.
    public var file: String {
        let begin = CivilTime.padded(hour, 2) + (number > 0 ? "." + CivilTime.padded(Int64(number), 4) : "")
        return "\(begin)-\(feed)\(SegmentName.suffix)"
    }

    /// The name while it is written to, which patterns such as `*.ndjson` pass over.
    public var openFile: String { ".\(file)\(SegmentName.openSuffix)" }

    /// The folder of a moment's day, such as `2026/09/25`.
    public static func folder(of time: Timestamp) -> String {
        let civil = CivilTime(time)
        return "\(CivilTime.padded(civil.year, 4))/\(CivilTime.padded(civil.month, 2))/\(CivilTime.padded(civil.day, 2))"
    }

    /// Whether a folder may be one of a year, a month or a day: digits, behind a minus where years are before 0.
    public static func isFolder(_ name: String) -> Bool {
        let digits = name.utf8.first == UInt8(ascii: "-") ? name.utf8.dropFirst() : name.utf8[...]
        return !digits.isEmpty && digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// A feed's name that cannot leave its directory or hide: letters, digits, `_`, `-` and inner dots stand as they are, all else as `%2F`.
    ///
    /// Different names stay different, except where one is too long: what is cut off is told by a hash.
    public static func safe(_ feed: UnsafeBufferPointer<UInt8>) -> String {
        var name = ""
        for (index, byte) in feed.enumerated() {
            switch byte {
            case _ where isPlain(byte): name.append(Character(Unicode.Scalar(byte)))
            case UInt8(ascii: ".") where index > 0: name.append(".")
            default: name += "%" + hex(UInt64(byte), digits: 2)
            }
            if name.utf8.count > feedBytesMax { return name + "%" + hex(hash(feed), digits: 16) }
        }
        return name
    }

    /// Letters, digits, `_` and `-`.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// FNV-1a.
    private static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    private static func hex(_ value: UInt64, digits: Int) -> String {
        let text = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: digits - text.utf8.count) + text
    }
}
