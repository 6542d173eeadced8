import BenchSupport
import JSON
import MarketModel

/// What all tools stand on: reading JSON, reading events, keeping books.
enum SharedPaths {
    static var all: [HotPath] {
        CorpusSize.allCases.flatMap { size in
            let corpus = Once { EventCorpus(size) }
            return [scan(corpus, size), decodeMix(corpus, size), decodeAhead(corpus, size)] + EventKind.allCases.map { decode($0, size) }
                + [
                    snapshots(size), deltas(size),
                ]
        }
    }

    /// Steps over every key and value.
    private static func scan(_ corpus: Once<EventCorpus>, _ size: CorpusSize) -> HotPath {
        HotPath("json/scan/\(size)") {
            let lines = corpus.value.mixed
            let views = lines.views
            return HotRun(lines: views.count, expected: lines.byteCount) {
                var bytes = 0
                for line in views {
                    var scanner = JSONScanner(line)
                    try scanner.beginObject()
                    while try scanner.nextKey() != nil { try scanner.skipValue() }
                    try scanner.finish()
                    bytes += scanner.offset
                }
                return withExtendedLifetime(lines) { bytes }
            }
        }
    }

    private static func decodeMix(_ corpus: Once<EventCorpus>, _ size: CorpusSize) -> HotPath {
        HotPath("event/decode/\(size)") {
            let kinds = corpus.value.kinds.reduce(0) { $0 + Int($1.rawValue) }
            return decoding(corpus.value.mixed, expected: kinds)
        }
    }

    /// By one decoder and taken up by another one, some lines at a time.
    private static func decodeAhead(_ corpus: Once<EventCorpus>, _ size: CorpusSize) -> HotPath {
        HotPath("event/decode_ahead/\(size)") {
            let lines = corpus.value.mixed
            let views = lines.views
            return HotRun(lines: views.count, expected: corpus.value.kinds.reduce(0) { $0 + Int($1.rawValue) }) {
                var reader = EventDecoder()
                var taker = EventDecoder()
                var decoded = DecodedLines()
                var sum = 0
                for start in stride(from: 0, to: views.count, by: 256) {
                    decoded.removeAll()
                    for line in views[start..<min(start + 256, views.count)] { reader.decodeEvent(line, onto: &decoded) }
                    for index in 0..<decoded.count {
                        try taker.take(index, of: decoded)
                        sum += Int(taker.kind?.rawValue ?? 0)
                    }
                }
                return withExtendedLifetime(lines) { sum }
            }
        }
    }

    private static func decode(_ kind: EventKind, _ size: CorpusSize) -> HotPath {
        let corpus = Once { EventCorpus.lines(kind, size) }
        return HotPath("event/decode_\(kind.name)/\(size)") {
            decoding(corpus.value, expected: corpus.value.count * Int(kind.rawValue))
        }
    }

    private static func decoding(_ lines: Lines, expected: Int) -> HotRun {
        let views = lines.views
        return HotRun(lines: views.count, expected: expected) {
            var decoder = EventDecoder()
            var sum = 0
            for line in views {
                try decoder.decodeEvent(line)
                guard let kind = decoder.kind else { throw BenchFailure(description: "a type is not known") }
                sum += Int(kind.rawValue)
            }
            return withExtendedLifetime(lines) { sum }
        }
    }

    // MARK: Books

    /// Whole books, one after the other into the books of the questions.
    private static func snapshots(_ size: CorpusSize) -> HotPath {
        let corpus = Once { BookCorpus(size) }
        return HotPath("book/snapshot/\(size)") {
            var books = [OrderBook](repeating: OrderBook(), count: size.questions)
            let wholes = corpus.value.wholes
            return HotRun(lines: wholes.count, expected: wholes.reduce(0) { $0 + $1.bids.count + $1.asks.count }) {
                var levels = 0
                for (index, whole) in wholes.enumerated() {
                    let place = index % books.count
                    books[place].replace(bidsBestFirst: whole.bids, asksBestFirst: whole.asks)
                    levels += books[place].bids.levels.count + books[place].asks.levels.count
                }
                return levels
            }
        }
    }

    /// Changes of books that are there, as they come.
    private static func deltas(_ size: CorpusSize) -> HotPath {
        let corpus = Once { BookCorpus(size) }
        return HotPath("book/delta/\(size)") {
            var books = [OrderBook](repeating: OrderBook(), count: size.questions)
            for place in books.indices {
                let whole = corpus.value.wholes[place]
                books[place].replace(bidsBestFirst: whole.bids, asksBestFirst: whole.asks)
            }
            let changes = corpus.value.changes
            return HotRun(lines: changes.count, expected: corpus.value.bestSum) {
                var sum = 0
                for change in changes {
                    books[change.question].set(change.side, change.level)
                    sum += Int(books[change.question].bestBid?.price.millionths ?? 0)
                }
                return sum
            }
        }
    }
}
