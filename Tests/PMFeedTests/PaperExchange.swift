import FeedSession
import MarketModel
import TestSupport

@testable import pm_feed

/// The venue as the dossier describes it, in virtual time, with everything that goes wrong there; it keeps true books.
///
/// It holds whoever connects to the protocol: the first form once, `PING` never before it, at most 100 tokens a frame with pauses
/// between, at most 400 a socket, nothing asked for twice.
final class PaperExchange {
    private struct Delivery {
        let time: Int64
        let frame: String
        let versions: [String: Int64]
    }

    private struct Line {
        var subscribed: Set<String> = []
        /// Tokens of which it says nothing (any more).
        var silent: Set<String> = []
        var isFrozen = false
        var hasFirst = false
        var lastFrame = Int64.min / 2
        var queue: [Delivery] = []
        /// The version of each token that was delivered last.
        var delivered: [String: Int64] = [:]
    }

    let driver: LiveDriver
    private var chance: SeededGenerator
    private(set) var faults: [String] = []
    private(set) var injected: [String: Int] = [:]
    private var lines: [Int64: Line] = [:]
    private var truth: PaperTruth
    private var nextChange: Int64
    private var nextFault: Int64
    private var acceptances: [Int64: Int64] = [:]
    private var answers: [Int: (time: Int64, body: String, status: Int)] = [:]
    private var badUntil: (rest: Int64, sockets: Int64, books: Int64) = (0, 0, 0)
    var isCalm = false
    var isStill = false
    /// Called for the fault that only the caller can make: another list of markets.
    var onReload: (() throws -> Void)?

    init(_ driver: LiveDriver, _ books: [WireBook], seed: UInt64) {
        self.driver = driver
        chance = SeededGenerator(seed: seed)
        nextChange = driver.now
        nextFault = driver.now + 5_000_000
        truth = PaperTruth(books)
        driver.onSent = { [unowned self] in try take($0) }
    }

    private func change() {
        let (token, frame) = truth.change(at: driver.now, &chance)
        for conn in lines.keys.sorted() where lines[conn]!.subscribed.contains(token) && !lines[conn]!.silent.contains(token) {
            queue(frame, conn, [token: truth.versions[token]!])
        }
    }

    private func queue(_ frame: String, _ conn: Int64, _ versions: [String: Int64] = [:]) {
        guard let line = lines[conn], !line.isFrozen || frame == "PONG" else { return }
        let time = max(driver.now + 20_000 + Int64(chance.below(200_000)), line.queue.last?.time ?? 0)
        lines[conn]!.queue.append(Delivery(time: time, frame: frame, versions: versions))
    }

    // MARK: What the feed sends

    private func note(_ words: String) { faults.append("\(driver.now - Session.start) µs: \(words)") }

    private func take(_ sent: LiveDriver.Sent) throws {
        guard var line = lines[sent.conn] else { return note("a frame on connection \(sent.conn), which is not up") }
        if sent.text == "PING" {
            if !line.hasFirst { note("PING before the subscription") }
            return queue("PONG", sent.conn)
        }
        let tokens = PolymarketSocketPlanTests.tokens(sent.text)
        if sent.text.contains("\"type\":\"market\"") == line.hasFirst { note("the first form is not the first frame, once: \(sent.text)") }
        if tokens.count > 100 { note("\(tokens.count) tokens in a frame") }
        if sent.time - line.lastFrame < 250_000 { note("frames without a pause") }
        (line.hasFirst, line.lastFrame) = (true, sent.time)
        if sent.text.contains("unsubscribe") {
            if !line.subscribed.isSuperset(of: tokens) { note("unsubscribed what was not subscribed") }
            line.subscribed.subtract(tokens)
            lines[sent.conn] = line
            return
        }
        if !line.subscribed.isDisjoint(with: tokens) { note("subscribed twice") }
        line.subscribed.formUnion(tokens)
        if line.subscribed.count > 400 { note("\(line.subscribed.count) tokens on a socket") }
        lines[sent.conn] = line
        let told = tokens.filter { token in !(driver.now < badUntil.books && !isCalm && chance.chance(2)) && truth.books[token] != nil }
        for token in tokens where truth.books[token] != nil && !told.contains(token) && chance.chance(3) {
            lines[sent.conn]!.silent.insert(token)
        }
        let versions = Dictionary(uniqueKeysWithValues: told.map { ($0, truth.versions[$0]!) })
        queue("[\(told.map { truth.frame($0) }.joined(separator: ","))]\n", sent.conn, versions)
    }

    // MARK: Time

    /// Runs the venue and the feed together.
    func run(micros: Int64) throws {
        let end = driver.now + micros
        while driver.now < end, driver.failure == nil {
            try driver.run(micros: max(1, min(next(), end) - driver.now))
            try act()
        }
    }

    private func next() -> Int64 {
        var next = isStill ? Int64.max : nextChange
        if !isCalm { next = min(next, nextFault) }
        for line in lines.values { next = min(next, line.queue.first?.time ?? .max) }
        for socket in driver.dialling { next = min(next, acceptances[socket.conn] ?? driver.now) }
        for question in driver.questions { next = min(next, answers[question.id]?.time ?? driver.now) }
        return next
    }

    private func act() throws {
        if !isStill, driver.now >= nextChange {
            change()
            nextChange = driver.now + Int64(20_000 + chance.below(500_000))
        }
        if !isCalm, driver.now >= nextFault {
            nextFault = driver.now + Int64(500_000 + chance.below(12_000_000))
            try inject()
        }
        try dial()
        try answer()
        try deliver()
        check()
    }

    private func dial() throws {
        for socket in driver.dialling {
            guard let time = acceptances[socket.conn] else {
                acceptances[socket.conn] = driver.now + Int64(30_000 + chance.below(400_000))
                continue
            }
            guard driver.now >= time else { continue }
            if driver.now < badUntil.sockets && !isCalm {
                let trouble =
                    chance.chance(2)
                    ? SocketTrouble(.network, "refused")
                    : SocketTrouble(.busy, "HTTP 429", retryAfterMicros: Int64(chance.below(5_000_000)))
                try driver.end(socket.conn, trouble)
            } else if driver.dialling.first?.conn == socket.conn {
                lines[socket.conn] = Line()
                try driver.accept()
            }
        }
    }

    private func answer() throws {
        for question in driver.questions {
            guard let (time, body, status) = answers[question.id] else {
                // What it says is the truth of now; it comes later.
                let isBad = driver.now < badUntil.rest && !isCalm
                let tokens = question.body.split(separator: "\"").filter { truth.books[String($0)] != nil }.map(String.init)
                let books = tokens.shuffled(using: &chance).map { truth.rest($0) }
                let body = "[\(books.joined(separator: ","))]"
                let status = isBad ? chance.pick([0, 429, 500, 503]) : 200
                answers[question.id] = (driver.now + Int64(20_000 + chance.below(isBad ? 5_000_000 : 800_000)), body, status)
                continue
            }
            guard driver.now >= time else { continue }
            if status == 0 {
                try driver.fail(question)
            } else {
                try driver.answer(question, status == 200 ? body : "<html>", status: status, retryAfter: status == 429 ? "2" : nil)
            }
        }
    }

    private func deliver() throws {
        for conn in lines.keys.sorted() {
            while let first = lines[conn]?.queue.first, first.time <= driver.now {
                lines[conn]!.queue.removeFirst()
                lines[conn]!.delivered.merge(first.versions) { max($0, $1) }
                try driver.receive(first.frame, conn)
            }
        }
        let open = Set(driver.open.map(\.conn))
        for conn in lines.keys where !open.contains(conn) { lines[conn] = nil }
    }

    // MARK: Faults

    private func inject() throws {
        let conn = driver.open.isEmpty ? nil : chance.pick(driver.open.map(\.conn))
        let kind = chance.pick(["cut", "freeze", "silence", "omit", "refuse", "rest", "reload", "slow", "cut", "silence"])
        injected[kind, default: 0] += 1
        switch kind {
        case "cut": if let conn { try driver.end(conn, SocketTrouble(.lost, "reset by peer")) }
        case "slow": if let conn { try driver.close(conn, code: 1013, "slow consumer: send buffer full") }
        case "freeze": if let conn { lines[conn]?.isFrozen = true }
        case "silence":
            if let conn, let token = lines[conn]?.subscribed.sorted().randomElement(using: &chance) { lines[conn]?.silent.insert(token) }
        case "omit": badUntil.books = driver.now + Int64(chance.below(30_000_000))
        case "refuse": badUntil.sockets = driver.now + Int64(chance.below(20_000_000))
        case "rest": badUntil.rest = driver.now + Int64(chance.below(30_000_000))
        default: try onReload?()
        }
    }

    // MARK: What must be true at every moment

    private func check() {
        try? driver.paper.venue.forEachKnownBook { instrument in
            let token = instrument.id
            let words = "the book of …\(token.suffix(4)) on connection \(instrument.conn ?? 0)"
            guard let conn = instrument.conn, let line = lines[conn] else { return note("\(words) is known, and the connection is not up") }
            guard line.subscribed.contains(token) else { return note("\(words) is known, and it does not carry it") }
            guard let version = truth.version(of: token, instrument.book) else {
                return note("\(words) is known, and never was so")
            }
            if version < line.delivered[token] ?? 0 { note("\(words) is known, and older than what came") }
        }
    }

    /// All is well: every token that is wanted is known, as it is, and nothing else is asked for.
    func checkHealed(wanted: Set<String>) {
        for token in wanted.sorted() {
            guard let book = driver.paper.knownBook(token) else {
                note("…\(token.suffix(4)) is unknown long after all is well")
                continue
            }
            if truth.version(of: token, book) != truth.versions[token] { note("…\(token.suffix(4)) is not as it is") }
        }
        let carried = lines.values.reduce(into: Set<String>()) { $0.formUnion($1.subscribed) }
        if carried != wanted { note("carried \(carried.count) tokens, wanted \(wanted.count)") }
    }
}
