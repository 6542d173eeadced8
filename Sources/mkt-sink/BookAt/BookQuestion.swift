import JSON
import MarketModel

/// Which books are asked for, as of which moment.
struct BookQuestion: Sendable {
    /// The last moment that counts.
    let time: Timestamp
    /// Ids of markets and instruments, none of them empty.
    let names: [String]
    /// The first moment that counts, so that nobody has to look further back.
    let first: Timestamp

    /// - Parameter backMicros: How far before the moment lines count; nil for as far as there are any.
    init(time: Timestamp, names: [String], backMicros: Int64? = nil) {
        self.time = time
        self.names = names
        first = backMicros.map { time.advanced(byMicros: -$0) } ?? Timestamp(micros: .min)
    }

    /// The first and the last, in microseconds since 1970.
    var times: ClosedRange<Int64> { first.micros...max(first.micros, time.micros) }

    func covers(_ received: Timestamp) -> Bool { received >= first && received <= time }

    /// Whether a text of a line is this name, byte by byte.
    static func isName(_ name: String, _ text: JSONText) -> Bool {
        guard !text.hasEscapes else { return text.string.utf8.elementsEqual(name.utf8) }
        return text.count == name.utf8.count && text.bytes.elementsEqual(name.utf8)
    }
}
