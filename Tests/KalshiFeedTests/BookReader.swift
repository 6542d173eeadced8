import JSON

/// A reader of MarketEvents that believes a book as long as the contract lets it; written apart from the feed.
struct BookReader {
    struct Book: Equatable {
        var isKnown = false
        var conn: Int64?
        var seq: Int64?
        /// Price text to size text, as printed.
        var bids: [String: String] = [:]
        var asks: [String: String] = [:]
    }

    private(set) var books: [String: Book] = [:]
    /// What broke the contract.
    private(set) var complaints: [String] = []

    mutating func take(_ lines: [String]) throws {
        for line in lines { try take(line) }
    }

    private mutating func take(_ line: String) throws {
        var line = line
        try line.withUTF8 { bytes in
            var fields: [String: String] = [:]
            var scanner = JSONScanner(bytes)
            try scanner.beginObject()
            while let key = try scanner.nextKey() { fields[key.string] = try scanner.value().string }
            try self.take(fields)
        }
    }

    private mutating func take(_ fields: [String: String]) throws {
        let conn = fields["conn"].flatMap { Int64($0) }
        if fields["type"] == "\"feed_status\"" {
            guard ["\"gap\"", "\"stale\"", "\"resyncing\"", "\"disconnected\""].contains(fields["state"]) else { return }
            let named = try fields["instruments"].map { try BookReader.strings($0) }
            // A list narrows what the connection concerns; it never widens it.
            for (name, book) in books where (conn == nil || book.conn == conn) && named?.contains(name) ?? true {
                books[name]?.isKnown = false
            }
            return
        }
        guard fields["type"] == "\"book_snapshot\"" || fields["type"] == "\"book_delta\"",
            let quoted = fields["instrument"], let bids = fields["bids"], let asks = fields["asks"],
            let seq = fields["seq"].flatMap({ Int64($0) })
        else { return }
        let name = String(quoted.dropFirst().dropLast())
        var book = books[name] ?? Book()
        if seq != (book.seq ?? 0) + 1 { complaints.append("seq \(seq) after \(book.seq ?? 0)") }
        book.seq = seq
        if fields["type"] == "\"book_snapshot\"" {
            book.isKnown = true
            book.conn = conn
            book.bids = [:]
            book.asks = [:]
        } else if !book.isKnown || book.conn != conn {
            complaints.append("a delta of \(name), whose book is not known on that connection")
        }
        for (price, size) in try BookReader.levels(bids) { book.bids[price] = size == "0" ? nil : size }
        for (price, size) in try BookReader.levels(asks) { book.asks[price] = size == "0" ? nil : size }
        books[name] = book
    }

    private static func strings(_ text: String) throws -> Set<String> {
        var text = text
        return try text.withUTF8 { bytes in
            var scanner = JSONScanner(bytes)
            var names: Set<String> = []
            try scanner.beginArray()
            while try scanner.nextElement() { names.insert(try scanner.string().string) }
            return names
        }
    }

    private static func levels(_ text: String) throws -> [(String, String)] {
        var text = text
        return try text.withUTF8 { bytes in
            var scanner = JSONScanner(bytes)
            var levels: [(String, String)] = []
            try scanner.beginArray()
            while try scanner.nextElement() {
                try scanner.beginArray()
                _ = try scanner.nextElement()
                let price = try scanner.number().string
                _ = try scanner.nextElement()
                levels.append((price, try scanner.number().string))
                _ = try scanner.nextElement()
            }
            return levels
        }
    }
}

/// A small seeded generator, so that a failing run can be had again (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
