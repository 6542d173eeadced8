internal import FeedSession
internal import JSON
internal import MarketModel

/// A reader of MarketEvents that believes a book for as long as docs/market-event.md lets it, and holds every line against that page.
struct ContractReader: ~Copyable {
    private struct Book {
        var isKnown = false
        var conn: Int64?
        var seq: Int64 = 0
        /// Millionths of size by millionths of price.
        var bids: [Int64: Int64] = [:]
        var asks: [Int64: Int64] = [:]
    }

    private var decoder = EventDecoder()
    private var books: [String: Book] = [:]
    private var received: Int64 = 0

    /// Takes lines that end with a newline each.
    mutating func take(lines: UnsafeBufferPointer<UInt8>) {
        var rest = lines[...]
        while !rest.isEmpty {
            guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { fatalError("a line without an end") }
            let line = UnsafeBufferPointer(rebasing: rest[..<end])
            do {
                try take(line)
            } catch {
                fatalError("\(error) in \(String(decoding: line, as: UTF8.self))")
            }
            rest = rest[(end + 1)...]
        }
    }

    private mutating func take(_ line: UnsafeBufferPointer<UInt8>) throws {
        func expect(_ isKept: Bool, _ promise: String) {
            Fuzzer.expect(isKept, "\(promise): \(String(decoding: line, as: UTF8.self))")
        }
        try decoder.decodeEvent(line)
        let conn = try decoder.integer(.conn)
        expect(decoder.received.micros >= received, "time runs backwards")
        received = decoder.received.micros
        guard let kind = decoder.kind else { return expect(false, "a type that is not in the contract") }
        if kind == .feedStatus { return try takeStatus(conn) }
        guard kind.isBook else { return }
        let name = try decoder.requireText(.instrument).string
        let seq = try decoder.integer(.seq) ?? 0
        var book = books.removeValue(forKey: name) ?? Book()
        expect(seq == book.seq + 1, "seq after \(book.seq)")
        expect(conn ?? 0 >= 1, "a book without a connection")
        expect(ContractReader.isStrict(decoder.bids, <) && ContractReader.isStrict(decoder.asks, >), "levels that are not best first")
        book.seq = seq
        if kind == .bookSnapshot {
            expect((decoder.bids + decoder.asks).allSatisfy { $0.size > .zero }, "an empty level in a snapshot")
            book = Book(isKnown: true, conn: conn, seq: seq)
        } else {
            expect(book.isKnown && book.conn == conn, "a change of a book that nobody knows")
        }
        for level in decoder.bids { book.bids[level.price.millionths] = level.size == .zero ? nil : level.size.millionths }
        for level in decoder.asks { book.asks[level.price.millionths] = level.size == .zero ? nil : level.size.millionths }
        books[name] = book
    }

    private static func isStrict(_ levels: [Level], _ isWorse: (Price, Price) -> Bool) -> Bool {
        zip(levels, levels.dropFirst()).allSatisfy { isWorse($1.price, $0.price) }
    }

    private mutating func takeStatus(_ conn: Int64?) throws {
        let state = try decoder.requireText(.state).string
        guard ["gap", "stale", "resyncing", "disconnected"].contains(state) else { return }
        var named: Set<String>?
        if let list = try decoder.container(.instruments) {
            var scanner = JSONScanner(list)
            var names: Set<String> = []
            try scanner.beginArray()
            while try scanner.nextElement() { names.insert(try scanner.string().string) }
            named = names
        }
        for (name, book) in books where (conn == nil || book.conn == conn) && named?.contains(name) ?? true { books[name]?.isKnown = false }
    }

    /// What the feed holds must be what a reader holds: the same books known, with the same levels.
    func compare(with known: [FeedInstrument]) {
        for instrument in known {
            guard let book = books[instrument.id], book.isKnown else { fatalError("\(instrument.id) is known, and no reader knows it") }
            Fuzzer.expect(ContractReader.isSame(book.bids, instrument.book.bids), "a reader has other bids of \(instrument.id)")
            Fuzzer.expect(ContractReader.isSame(book.asks, instrument.book.asks), "a reader has other asks of \(instrument.id)")
        }
        let names = Set(known.map(\.id))
        for (name, book) in books where book.isKnown && !names.contains(name) {
            fatalError("a reader still believes the book of \(name), and the feed does not")
        }
    }

    private static func isSame(_ told: [Int64: Int64], _ side: BookSide) -> Bool {
        told.count == side.levels.count && side.levels.allSatisfy { told[$0.price.millionths] == $0.size.millionths }
    }
}
