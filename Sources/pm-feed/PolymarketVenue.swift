import FeedSession
import JSON
import MarketModel

/// Polymarket's answers to the session: frames in, events out.
///
/// The market channel has no sequence numbers and no acknowledgements; what proves a book is in `PolymarketVerifier`.
final class PolymarketVenue: Venue {
    let output: FeedOutput
    let registry: PolymarketRegistry
    let verifier: PolymarketVerifier
    let announcer: PolymarketAnnouncer
    private let mapper: PolymarketMapper
    private var directory: PolymarketDirectory
    let subscriptions = PolymarketSubscriptions()
    let user: PolymarketUserChannel
    private var message = PolymarketMessage()

    init(_ configuration: PolymarketConfiguration, _ output: FeedOutput) {
        self.output = output
        registry = PolymarketRegistry(configuration, output)
        verifier = PolymarketVerifier(configuration.verification, output)
        announcer = PolymarketAnnouncer(output, registry)
        mapper = PolymarketMapper(output, registry, verifier, announcer, subscriptions)
        user = PolymarketUserChannel(output, registry)
        directory = PolymarketDirectory(registry, verifier, subscriptions, announcer, output)
    }

    // MARK: Sockets

    func opened(conn: Int64, at time: Timestamp) {
        subscriptions.open(conn, at: time)
    }

    func sent(conn: Int64, frame: JSONText, at time: Timestamp) throws {
        if user.takes(sent: frame, on: conn, at: time) { return subscriptions.close(conn) }
        // Nobody tells us of these from here on.
        for token in subscriptions.noteSent(frame, on: conn, at: time) {
            guard let book = token.withText({ registry.find($0) }), book.isCarried(by: conn) else { continue }
            if book.standIn(for: conn, isGone: true) { continue }
            try verifier.loseBook(book, reason: "unsubscribed", at: time)
            forget(book, conn)
        }
    }

    func isSilentByNature(_ conn: Int64) -> Bool { user.isCarried(by: conn) }

    func closed(conn: Int64, at time: Timestamp) throws -> [String]? {
        if user.isCarried(by: conn) {
            user.close(conn)
            return []
        }
        subscriptions.close(conn)
        return try lose(conn, isGone: true, at: time) { self.forget($0, conn) }
    }

    func staled(conn: Int64, at time: Timestamp) throws -> [String]? {
        try lose(conn, isGone: false, at: time) { book in
            book.instrument.book.markUnknown()
            book.beginOrder()
        }
    }

    /// A lost book whose connection is gone: another one may carry it, else nothing that was known of it counts.
    private func forget(_ book: PolymarketBook, _ conn: Int64) {
        if book.fallBack() { return verifier.noteLost(book) }
        book.startOver(conn: conn)
        book.instrument.conn = nil
        // Asked for elsewhere too, and nothing came there yet: that connection has left its book out.
        if subscriptions.carrier(of: book.instrument.id) != nil { verifier.noteLost(book) }
    }

    /// Takes a connection from all books that it carries; those that stand on it alone are lost, as the session tells every reader.
    ///
    /// - Returns: the lost ones where there are others; nil where all are lost.
    private func lose(
        _ conn: Int64, isGone: Bool, at time: Timestamp, _ spoil: (PolymarketBook) -> Void
    ) throws -> [String]? {
        var lost: [String] = []
        var hasOthers = false
        // Readers know a book by the connection of its last snapshot, which may be another one.
        var toldElsewhere: [Int64: [FeedInstrument]] = [:]
        for book in registry.books {
            let instrument = book.instrument
            let isTold = instrument.isShown && instrument.book.isKnown
            if !book.isCarried(by: conn) {
                if instrument.shownConn == conn, isTold { hasOthers = true }
            } else if book.standIn(for: conn, isGone: isGone) {
                hasOthers = true
            } else {
                if let shown = instrument.shownConn, shown != conn, isTold { toldElsewhere[shown, default: []].append(instrument) }
                spoil(book)
                if instrument.isShown { lost.append(instrument.id) }
            }
        }
        for (shown, instruments) in toldElsewhere.sorted(by: { $0.key < $1.key }) {
            let since = instruments.map(\.agreed).min()
            try output.status(
                FeedStatus(.gap, conn: shown, reason: "the last connection is gone", since: since, instruments: instruments.map(\.id)),
                at: time)
        }
        return hasOthers ? lost : nil
    }

    /// Whether a live session has something to look after: lost books, new markets, outcomes.
    var hasNews: Bool { verifier.hasLost || announcer.hasNews }

    // MARK: Frames

    func received(conn: Int64, frame: JSONText, at time: Timestamp) throws -> Bool {
        if user.isCarried(by: conn) {
            try user.receive(frame, conn: conn, at: time)
            return true
        }
        guard let first = frame.bytes.first(where: { $0 > 0x20 }) else {
            try reject(frame, "empty_frame", "an empty frame", at: time)
            return false
        }
        guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else {
            try takeControlText(frame, at: time)
            return false
        }
        var isData = false
        do {
            if first == UInt8(ascii: "{") {
                // Read whole first, so that nothing of a torn frame is used.
                var scanner = JSONScanner(frame)
                try message.read(&scanner)
                try scanner.finish()
                try takeMessage(frame, conn, time)
                isData = true
            } else {
                var whole = JSONScanner(frame)
                try whole.skipValue()
                try whole.finish()
                isData = try takeArray(frame, conn, time)
            }
        } catch let error as JSONError {
            // Which books it was about is lost with it: all of them are looked at as soon as they move.
            for book in registry.books where book.isCarried(by: conn) { book.mustVerify = true }
            try reject(frame, "malformed_json", "a frame is not JSON: \(error)", at: time)
        }
        if isData { subscriptions.noteData(conn, at: time) }
        if mapper.hasFirstBook { try noteProgress(conn, at: time) }
        return isData
    }

    func makeReader() -> PolymarketFrameReader {
        registry.beginNumbers()
        return PolymarketFrameReader()
    }

    func received(conn: Int64, frame: JSONText, read: PolymarketReadFrames, _ index: Int, at time: Timestamp) throws -> Bool {
        guard !user.isCarried(by: conn) else { return try received(conn: conn, frame: frame, at: time) }
        switch read.entries[index] {
        case .unread:
            return try received(conn: conn, frame: frame, at: time)
        case .changes(let envelope, let first, let count):
            let entries = UnsafeBufferPointer(rebasing: read.changes.elements[Int(first)..<Int(first + count)])
            guard let changes = PolymarketMapper.Changes(envelope, entries, from: frame.base) else { return false }
            try use(frame, "price_change", at: time) { try mapper.take(changes, conn, time) }
        case .print(let print):
            try use(frame, "last_trade_price", at: time) { try mapper.take(print, from: frame.base, conn, time) }
        case .tops(let tops):
            try use(frame, "best_bid_ask", at: time) { try mapper.take(tops, from: frame.base, conn, time) }
        }
        subscriptions.noteData(conn, at: time)
        if mapper.hasFirstBook { try noteProgress(conn, at: time) }
        return true
    }

    /// A book is three steps away, each of which needs the one before: where its token is, what is kept of it, its levels.
    func expect(_ read: PolymarketReadFrames, _ index: Int) {
        guard registry.isLarge else { return }
        read.forEachToken(of: index + 6) { (token, _) in registry.askForPlace(token) }
        read.forEachToken(of: index + 4) { (token, _) in registry.askForBook(token) }
        read.forEachToken(of: index + 2) { (token, side) in registry.askForLine(token, side) }
    }

    /// Words that are no JSON: `PONG`, `NO NEW ASSETS`, `INVALID OPERATION`, and whatever comes next.
    private func takeControlText(_ frame: JSONText, at time: Timestamp) throws {
        output.counters.add("control_text")
        let end = frame.bytes.lastIndex { $0 > 0x20 } ?? 0
        let text = JSONText(base: frame.base, count: end + 1)
        if text.isEqual(to: "PONG") || text.isEqual(to: "NO NEW ASSETS") { return }
        output.logger.warning("the venue says: \(String(frame.string.prefix(200)))")
        try output.faults.keep(frame.bytes, reason: "control text", at: time)
    }

    private func takeArray(_ frame: JSONText, _ conn: Int64, _ time: Timestamp) throws -> Bool {
        var scanner = JSONScanner(frame)
        var isData = false
        try scanner.beginArray()
        while try scanner.nextElement() {
            guard try scanner.peekKind() == .object else {
                try reject(try scanner.value(), "wrong_element", "an array element is no object", at: time)
                continue
            }
            let start = scanner.offset
            try message.read(&scanner)
            try takeMessage(JSONText(base: frame.base + start, count: scanner.offset - start), conn, time)
            isData = true
        }
        return isData
    }

    /// Maps the message in hand, whose bytes are `object`.
    private func takeMessage(_ object: JSONText, _ conn: Int64, _ time: Timestamp) throws {
        let name = message.eventType
        try use(object, name.map { PolymarketMapper.printable($0) } ?? "message", at: time) {
            try mapper.map(message, conn: conn, at: time)
        }
    }

    /// Uses a message, whose bytes are `object`; what is no use is rejected.
    @inline(__always)
    private func use(_ object: JSONText, _ name: @autoclosure () -> String, at time: Timestamp, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch PolymarketFault.unknownType {
            try output.faults.keep(object.bytes, reason: PolymarketFault.unknownType.message, at: time)
        } catch let fault as PolymarketFault {
            try reject(object, fault.counter, "\(name()): \(fault.message)", at: time)
        }
    }

    private func reject(_ bytes: JSONText, _ counter: String, _ message: String, at time: Timestamp) throws {
        try output.reject(bytes.bytes, counter: counter, message: message, at: time)
    }

    /// Tells `live` when the last subscribed book has come.
    private func noteProgress(_ conn: Int64, at time: Timestamp) throws {
        mapper.hasFirstBook = false
        guard let subscription = subscriptions.find(conn), !subscription.isLive, subscription.moreUntil == nil else { return }
        let have = bookCount(conn)
        guard have > 0, have >= subscription.tokenCount else { return }
        subscriptions.noteLive(conn)
        try output.status(FeedStatus(.live, conn: conn), at: time)
    }

    private func bookCount(_ conn: Int64) -> Int {
        registry.books.reduce(0) { $0 + ($1.hasBook && $1.isCarried(by: conn) ? 1 : 0) }
    }

    // MARK: REST and time

    func answered(path: JSONText, status: Int64, body: JSONText, at time: Timestamp) throws -> SilenceProof {
        guard status == 200 else {
            output.counters.add("rest_status_\(status)")
            return .none
        }
        do {
            if try user.takes(answer: body, path: path, at: time) { return .none }
            try directory.take(body, path: path, at: time)
            for conn in directory.takeSeededConns() { try noteProgress(conn, at: time) }
            let proof = directory.takeProof()
            for conn in proof.quiet { subscriptions.noteProof(conn, at: time) }
            return proof
        } catch let error as JSONError {
            try reject(body, "malformed_rest", "the answer to \(path.string) is not JSON: \(error)", at: time)
        }
        return .none
    }

    var nextDeadline: Timestamp? {
        .earliest(verifier.nextDeadline, subscriptions.liveDeadline)
    }

    func passed(to time: Timestamp) throws {
        try verifier.passed(to: time)
        for conn in subscriptions.takeSettled(at: time) { try noteProgress(conn, at: time) }
        for (conn, tokenCount) in subscriptions.takeLate(at: time) {
            let have = bookCount(conn)
            try output.status(FeedStatus(.live, conn: conn, reason: "books \(have) of \(max(tokenCount, have))"), at: time)
        }
    }

    func forEachKnownBook(_ body: (FeedInstrument) throws -> Void) throws {
        for book in registry.books where book.instrument.book.isKnown { try body(book.instrument) }
    }
}
