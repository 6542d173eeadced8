import JSON
import Logging
import MarketModel
import OpenSSL
import TestSupport
import UnixTool

@testable import Curl
@testable import FeedSession
@testable import kalshi_feed

/// A live session on paper: the adapter and the venue are real, the sockets and the clock are the test's.
///
/// Everything is recorded, so that a test can hold a replay of it against what was printed.
final class LiveSession {
    static let start: Int64 = 1_790_000_000_000_000

    let venue: KalshiVenue
    let adapter: KalshiLive
    let control: LiveControl
    let engine: FeedEngine<KalshiVenue>
    let paper: Session
    private(set) var now = Timestamp(micros: LiveSession.start)
    /// Commands by connection, in order, since they were last taken.
    private var sentFrames: [Int64: [String]] = [:]
    private(set) var requests: [(live: LiveRequest, url: String)] = []
    private(set) var drops: [(conn: Int64, reason: String)] = []
    private(set) var openConns: [Int64: Int] = [:]

    /// One key for all tests: making one takes a while.
    static let credentials: KalshiCredentials = {
        do {
            let folder = TemporaryFolder()
            try OpenSSLCommand.run(["genpkey", "-algorithm", "ED25519", "-out", "key.pem"], in: folder)
            return try KalshiCredentials(
                KalshiCredentials.Source(keyID: "a-key", keyText: folder.text("key.pem"), keyPath: nil))
        } catch {
            fatalError("no key: \(error)")
        }
    }()

    init(_ arguments: [String]) throws {
        paper = try Session(arguments)
        venue = paper.venue
        engine = paper.engine
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        adapter = KalshiLive(paper.configuration, LiveSession.credentials, venue, logger: logger)
        control = LiveControl(FeedSession.Session(SessionRules(), at: LiveSession.start), random: SeededGenerator(7))
        try step { try self.adapter.start(self.control, at: self.now) }
    }

    // MARK: The loop

    /// Calls the adapter and carries out what it asks for.
    func step(_ call: () throws -> Void) throws {
        control.nowMicros = now.micros
        try call()
        for wish in control.takeWishes() { try carryOut(wish) }
        if let failure = control.failure { throw failure }
    }

    private func carryOut(_ wish: LiveControl.Wish) throws {
        switch wish {
        case .send(let conn, let text, let masked):
            guard openConns[conn] != nil else { return }
            sentFrames[conn, default: []].append(text)
            try with(masked ?? text) { _ = try self.engine.take(.sent(conn: conn, frame: $0, at: self.now)) }
        case .drop(let conn, let reason):
            drops.append((conn, reason))
            try close(conn, reason: reason)
        case .request(let live, let request):
            requests.append((live, request.url))
        }
    }

    private func act() throws { try step { try self.adapter.act(self.control, at: self.now) } }

    /// Lets time pass; the adapter is called whenever it wants to be.
    func pass(seconds: Double) throws {
        let end = now.advanced(byMicros: Int64(seconds * 1_000_000))
        while let due = adapter.nextDeadline, due <= end {
            now = max(now.advanced(byMicros: 1), due)
            try engine.pass(to: now)
            try act()
        }
        now = end
        try engine.pass(to: now)
        try act()
    }

    // MARK: Sockets

    /// A socket of the slot comes up.
    func open(_ conn: Int64 = 1, slot: Int = 1) throws {
        openConns[conn] = slot
        control.openConns.insert(conn)
        _ = try engine.take(.opened(conn: conn, at: now))
        try step { self.adapter.opened(conn: conn, slot: slot, self.control, at: self.now) }
        try act()
    }

    func close(_ conn: Int64 = 1, reason: String = "gone") throws {
        guard let slot = openConns.removeValue(forKey: conn) else { return }
        control.openConns.remove(conn)
        try with(reason) { _ = try self.engine.take(.closed(conn: conn, code: 1006, reason: $0, retryMicros: nil, at: self.now)) }
        let trouble = SocketTrouble(.lost, reason)
        try step { self.adapter.ended(conn: conn, slot: slot, trouble, self.control, at: self.now) }
        sentFrames[conn] = nil
    }

    /// A frame comes.
    func receive(_ frame: String, on conn: Int64 = 1) throws {
        try with(frame) { _ = try self.engine.take(.received(conn: conn, frame: $0, at: self.now)) }
        try act()
    }

    /// The commands that went out on a connection since this was last asked.
    func sent(on conn: Int64 = 1) -> [String] {
        defer { sentFrames[conn] = nil }
        return sentFrames[conn] ?? []
    }

    // MARK: REST

    /// The path with the query of every question that waits for its answer.
    var questions: [String] { requests.map { String($0.url.drop { $0 != "/" }.dropFirst(2).drop { $0 != "/" }) } }

    /// The oldest question whose path has a text in it is answered.
    func answer(_ part: String, status: Int = 200, _ body: String) throws {
        guard let index = requests.firstIndex(where: { $0.url.contains(part) }) else { throw TestFault("nobody asks for \(part)") }
        let live = requests.remove(at: index).live
        if let path = live.recordedPath {
            try with(path) { path in
                try self.with(body) {
                    _ = try self.engine.take(.answered(path: path, status: Int64(status), body: $0, at: self.now))
                }
            }
        }
        let answer = RESTAnswer(status: status, body: Array(body.utf8), contentType: nil, retryAfter: nil, dateMicros: nil)
        try step { self.adapter.answered(live, .success(answer), self.control, at: self.now) }
        try act()
    }

    /// The oldest question whose path has a text in it is not answered.
    func fail(_ part: String, _ failure: RESTFailure = .unreachable("nobody there")) throws {
        guard let index = requests.firstIndex(where: { $0.url.contains(part) }) else { throw TestFault("nobody asks for \(part)") }
        let live = requests.remove(at: index).live
        try step { self.adapter.answered(live, .failure(failure), self.control, at: self.now) }
        try act()
    }

    /// REST knows the markets, which are open.
    func answerMarkets(_ tickers: [String], cursor: String = "") throws {
        try answer("/markets?", LiveSession.listing(tickers, cursor: cursor))
    }

    static func listing(_ tickers: [String], cursor: String = "", status: String = "active", volumes: [String] = []) -> String {
        let markets = tickers.enumerated().map { index, ticker in
            let volume = index < volumes.count ? ",\"volume_24h_fp\":\"\(volumes[index])\"" : ""
            return "{\"ticker\":\"\(ticker)\",\"event_ticker\":\"E-1\",\"status\":\"\(status)\",\"title\":\"T\"\(volume)}"
        }
        return "{\"markets\":[\(markets.joined(separator: ","))],\"cursor\":\"\(cursor)\"}"
    }

    /// A started session whose markets were found; the socket is not up yet.
    static func found(_ tickers: [String], _ options: [String] = []) throws -> LiveSession {
        let session = try LiveSession(options + tickers)
        if !tickers.isEmpty { try session.answerMarkets(tickers) }
        return session
    }

    /// The same with everything acknowledged and every book there.
    static func live(_ tickers: [String], _ options: [String] = []) throws -> LiveSession {
        let session = try found(tickers, options)
        try session.open()
        try session.acknowledgeAll(tickers)
        _ = session.lines()
        return session
    }

    /// Answers every command of a connection as a venue that is well would, until no more come.
    func acknowledgeAll(_ tickers: [String] = [], on conn: Int64 = 1, firstSid: Int = 1) throws {
        var sids: [String: Int] = [:]
        var books: UInt64 = 0
        for _ in 0..<200 {
            let commands = sent(on: conn)
            for text in commands {
                let command = try Command(text)
                switch command.verb {
                case "list_subscriptions":
                    let open = sids.map { "{\"channel\":\"\($0.key)\",\"sid\":\($0.value)}" }.sorted().joined(separator: ",")
                    try receive("{\"id\":\(command.id),\"type\":\"ok\",\"msg\":[\(open)]}", on: conn)
                case "subscribe":
                    let channel = command.channel
                    let isFresh = sids[channel] == nil
                    let sid = sids[channel] ?? firstSid + sids.count
                    sids[channel] = sid
                    try receive(isFresh ? subscribed(channel, sid: sid, id: command.id) : done(command.id, sid: sid), on: conn)
                    guard channel == "orderbook_delta" else { continue }
                    for ticker in command.tickers {
                        books += 1
                        try receive(snapshot(ticker, seq: books, yes: [("0.3000", "5.00")], sid: sid), on: conn)
                    }
                default: break
                }
            }
            try pass(seconds: 0.1)
            if sentFrames[conn] == nil { return }
        }
    }

    /// Answers lists and probes of what was acknowledged by `live`; gives the commands that are left.
    func answerProbes(on conn: Int64 = 1) throws -> [String] {
        let sids = ["orderbook_delta": 1, "trade": 2, "market_lifecycle_v2": 3]
        var left: [String] = []
        for text in sent(on: conn) {
            let command = try Command(text)
            if command.verb == "list_subscriptions" {
                let open = sids.map { "{\"channel\":\"\($0.key)\",\"sid\":\($0.value)}" }.joined(separator: ",")
                try receive("{\"id\":\(command.id),\"type\":\"ok\",\"msg\":[\(open)]}", on: conn)
            } else if command.verb == "subscribe", command.channel != "orderbook_delta", let sid = sids[command.channel] {
                try receive(done(command.id, sid: sid), on: conn)
            } else {
                left.append(text)
            }
        }
        return left
    }

    /// Lets time pass, with every probe answered, until whole books are asked for; nil if none are for half a minute.
    func waitForAudit() throws -> String? {
        for _ in 0..<300 {
            try pass(seconds: 0.1)
            if let question = try answerProbes().first(where: { $0.contains("get_snapshot") }) { return question }
        }
        return nil
    }

    // MARK: What was printed

    func lines() -> [String] { (try? paper.lines()) ?? [] }

    private func with(_ text: String, _ body: (JSONText) throws -> Void) throws {
        var text = text
        try text.withUTF8 { bytes in
            try body(JSONText(bytes))
        }
    }
}

/// A command as a venue reads it.
struct Command {
    var id = 0
    var verb = ""
    var channel = ""
    var action = ""
    var sids: [Int64] = []
    var tickers: [String] = []
    var usesYesPrice: Bool?

    init(_ text: String) throws {
        var text = text
        guard let read = text.withUTF8({ KalshiCommand(JSONText($0)) }) else { throw TestFault("no command: \(text)") }
        id = Int(read.id)
        sids = read.sids
        tickers = read.tickers
        usesYesPrice = read.usesYesPrice
        channel = read.channels.first.map { "\($0.wireName)" } ?? ""
        switch read.verb {
        case .subscribe: verb = "subscribe"
        case .unsubscribe: verb = "unsubscribe"
        case .list: verb = "list_subscriptions"
        case .getSnapshot: (verb, action) = ("update_subscription", "get_snapshot")
        case .deleteMarkets: (verb, action) = ("update_subscription", "delete_markets")
        case .addMarkets: (verb, action) = ("update_subscription", "add_markets")
        case .other: verb = "other"
        }
    }
}

extension [String] {
    /// Commands as `verb channel-or-action tickers`.
    var commands: [String] {
        map { text in
            guard let command = try? Command(text) else { return "not a command: \(text)" }
            let words = [command.verb, command.channel + command.action, command.tickers.joined(separator: "+")]
            return words.filter { !$0.isEmpty }.joined(separator: " ")
        }
    }
}

// MARK: Frames

func done(_ id: Int, sid: Int, seq: UInt64? = nil) -> String {
    "{\"type\":\"ok\",\"id\":\(id),\"sid\":\(sid)\(seq.map { ",\"seq\":\($0)" } ?? ""),\"msg\":{}}"
}

func failure(_ code: Int, id: Int? = nil, sid: Int? = nil, seq: UInt64? = nil, ticker: String? = nil) -> String {
    let parts = [
        id.map { "\"id\":\($0)," }, sid.map { "\"sid\":\($0)," }, seq.map { "\"seq\":\($0)," },
    ].compactMap { $0 }.joined()
    return "{\"type\":\"error\",\(parts)\"msg\":{\"code\":\(code),\"msg\":\"x\"\(ticker.map { ",\"market_ticker\":\"\($0)\"" } ?? "")}}"
}
