import MarketModel

/// A line of one book: its connection is that of all lines since the book became known.
struct LineMark: MidMark {
    let seq: Int64
    let received: Timestamp

    init(_ mark: BookMark) {
        seq = mark.seq
        received = mark.received
    }
}
