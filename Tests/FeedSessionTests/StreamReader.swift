import Foundation

/// A consumer of MarketEvents that does what `docs/market-event.md` says and no more. It shares no code with what it reads.
struct StreamReader {
    struct Book {
        var isKnown = false
        /// It was lost on a connection that this reader never heard of, and may come back as if it had never been here.
        var isTakenBack = false
        var conn: Int?
        var seq = 0
        /// Millionths by millionths.
        var bids: [Int: Int] = [:]
        var asks: [Int: Int] = [:]
    }

    private var tail: [UInt8] = []
    private var start = 0
    private(set) var lineCount = 0
    private(set) var books: [String: Book] = [:]
    private(set) var announced: Set<String> = []
    private(set) var tradeIDs: [Int] = []
    /// How many trades had been read when a `gap` told that lines are missing, and how many it said.
    private(set) var tradeGaps: [(after: Int, count: Int)] = []
    private(set) var kinds: [String: Int] = [:]
    private(set) var statuses: [[String: Any]] = []
    private(set) var snapshotReasons: [String: Int] = [:]
    private(set) var isLagging = false
    private(set) var lags = 0
    private(set) var faults: [String] = []
    private var latest = 0

    /// Takes bytes as they come.
    mutating func take(_ bytes: [UInt8]) {
        tail.removeFirst(start)
        start = 0
        tail += bytes
    }

    /// Reads the next whole line and gives the instruments whose book it touched; nil if there is none yet.
    mutating func next() throws -> [String]? {
        guard let end = tail[start...].firstIndex(of: 10) else { return nil }
        let object = try JSONSerialization.jsonObject(with: Data(tail[start..<end])) as? [String: Any] ?? [:]
        start = end + 1
        lineCount += 1
        return take(object)
    }

    private mutating func take(_ event: [String: Any]) -> [String] {
        let type = event["type"] as? String ?? ""
        kinds[type, default: 0] += 1
        let time = event["recv_us"] as? Int ?? -1
        if time < latest { faults.append("line \(lineCount): recv_us runs backwards") }
        latest = time
        let id = event["instrument"] as? String
        if type == "instrument", let id {
            announced.insert(id)
        } else if let id, !announced.contains(id) {
            faults.append("line \(lineCount): \(type) of \(id) before its instrument line")
        }
        switch type {
        case "book_snapshot", "book_delta":
            take(book: event, id!, isSnapshot: type == "book_snapshot")
            return [id!]
        case "trade":
            tradeIDs.append(Int(event["trade_id"] as? String ?? "") ?? -1)
            return []
        case "feed_status":
            statuses.append(event)
            return take(status: event)
        default:
            return []
        }
    }

    private mutating func take(book event: [String: Any], _ id: String, isSnapshot: Bool) {
        var book = books[id] ?? Book()
        let seq = event["seq"] as? Int ?? -1
        if seq != book.seq + 1 { faults.append("line \(lineCount): seq of \(id) is \(seq) after \(book.seq)") }
        book.seq = seq
        let conn = event["conn"] as? Int
        if isSnapshot {
            checkReason(event, id, book, conn)
            (book.isKnown, book.isTakenBack, book.conn, book.bids, book.asks) = (true, false, conn, [:], [:])
        } else if !book.isKnown || book.conn != conn {
            faults.append("line \(lineCount): a delta of \(id), whose book is unknown or of another connection")
        }
        for (price, size) in StreamReader.levels(event["bids"]) { book.bids[price] = size == 0 ? nil : size }
        for (price, size) in StreamReader.levels(event["asks"]) { book.asks[price] = size == 0 ? nil : size }
        books[id] = book
    }

    private mutating func checkReason(_ event: [String: Any], _ id: String, _ book: Book, _ conn: Int?) {
        let reason = event["reason"] as? String ?? ""
        snapshotReasons[reason, default: 0] += 1
        let isSame = book.conn == conn
        if reason == "initial", book.isTakenBack { return }
        let allowed = book.isKnown && isSame ? ["refresh", "checkpoint", "resync"] : isSame ? ["resync"] : ["initial", "resync"]
        if !allowed.contains(reason) { faults.append("line \(lineCount): a snapshot of \(id) has reason \(reason), not \(allowed)") }
    }

    private mutating func take(status event: [String: Any]) -> [String] {
        let state = event["state"] as? String ?? ""
        let instruments = event["instruments"] as? [String]
        let counters = event["counters"] as? [String: Int]
        if state == "lagging" {
            if isLagging != (counters != nil) { faults.append("line \(lineCount): a lag begins or ends twice") }
            isLagging = counters == nil
            if !isLagging { lags += 1 }
        }
        if state == "gap", instruments == [] { tradeGaps.append((tradeIDs.count, counters?["dropped_trade"] ?? 0)) }
        guard ["gap", "stale", "resyncing", "disconnected"].contains(state) else { return [] }
        let conn = event["conn"] as? Int
        let concerned = books.keys.filter { id in
            (instruments?.contains(id) ?? true) && (conn == nil || books[id]!.conn == conn)
        }
        for id in concerned {
            books[id]!.isKnown = false
            books[id]!.isTakenBack = event["reason"] as? String == "lost while our reader was slow"
        }
        return concerned
    }

    private static func levels(_ value: Any?) -> [(Int, Int)] {
        (value as? [[Double]] ?? []).map { (Int(($0[0] * 1e6).rounded()), Int(($0[1] * 1e6).rounded())) }
    }
}
