import MarketModel

/// Which books are asked for, as of which moment.
struct BookQuestion: Sendable {
    /// The last moment that counts.
    let time: Timestamp
    /// Ids of markets and instruments, each once, none of them empty.
    let names: [String]
    /// The same, to look texts of lines up in.
    let nameSet: NameSet
    /// The first moment that counts, so that nobody has to look further back.
    let first: Timestamp

    /// - Parameter backMicros: How far before the moment lines count; nil for as far as there are any.
    init(time: Timestamp, names: [String], backMicros: Int64? = nil) {
        self.time = time
        nameSet = NameSet(names)
        self.names = nameSet.names
        first = backMicros.map { time.advanced(byMicros: -$0) } ?? Timestamp(micros: .min)
    }

    /// The first and the last, in microseconds since 1970.
    var times: ClosedRange<Int64> { first.micros...max(first.micros, time.micros) }

    func covers(_ received: Timestamp) -> Bool { received >= first && received <= time }
}
