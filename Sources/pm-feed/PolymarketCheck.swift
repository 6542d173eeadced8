import FeedSession
import JSON
import OpenSSL
import UnixTool
import WebSocketClient

/// `--check`: everything that a session needs, tried one after another.
struct PolymarketCheck {
    let configuration: PolymarketConfiguration
    private let rest: BlockingREST
    let tls: TLSContext
    var report: CheckReport

    init(_ configuration: PolymarketConfiguration, report: CheckReport) throws {
        self.configuration = configuration
        self.report = report
        rest = try BlockingREST(configuration.live)
        do {
            tls = try TLSContext(caFile: configuration.live.caPath)
        } catch {
            throw ToolFailure(.configuration, error.description)
        }
    }

    /// Tries all; throws what failed first.
    mutating func run() throws {
        let session = configuration.session
        try report.pass("configuration", "\(session.address), \(session.questions.clob), \(session.questions.gamma)")
        let token = try checkDirectory()
        try checkBooks(token)
        try checkSocket(token)
        try checkUser()
        if let failure = report.failure { throw failure }
    }

    /// Gamma answers, and names a token that is traded: that of the first MARKET, else the busiest.
    private mutating func checkDirectory() throws -> String? {
        let wish = try configuration.session.wishes().first ?? .top(1)
        if case .token(let token) = wish { return token }
        let questions = configuration.session.questions
        let question =
            switch wish {
            case .condition(let id): questions.markets(conditionIDs: [id])
            case .slug(let slug): questions.markets(slug: slug)
            case .event(let slug): questions.events(slug: slug)
            case .tag(let name): questions.events(tag: name, after: nil)
            case .token, .all, .top: questions.topMarkets(after: nil)
            }
        switch PolymarketAnswer.body(rest.fetch(question.request)) {
        case .failure(let trouble):
            try report.fail(
                "directory", "\(questions.gamma): \(trouble.words); slugs cannot be resolved, token ids work without it",
                trouble.status)
            return nil
        case .success(let body):
            let markets = (try? PolymarketListing(body))?.markets.filter { $0.hasBook && !$0.isClosed } ?? []
            guard let token = markets.first?.tokens.first else {
                try report.fail("directory", "no open market answers to \(wish.words); look for one with pm-feed --list TEXT", .noInput)
                return nil
            }
            try report.pass("directory", "Gamma answers; \(wish.words) is \(markets.count) open market\(markets.count == 1 ? "" : "s")")
            return token
        }
    }

    private mutating func checkBooks(_ token: String?) throws {
        guard let token else { return try report.skip("books by REST", "no token to ask for") }
        let questions = configuration.session.questions
        let result = rest.fetch(questions.books([token]).request)
        switch PolymarketAnswer.body(result) {
        case .failure(let trouble):
            try report.fail(
                "books by REST", "\(questions.clob): \(trouble.words); books that break come back by the socket only",
                trouble.status)
        case .success(let body):
            let count = (try? PolymarketBookList.tokens(body))?.count ?? 0
            if count == 1 {
                try report.pass("books by REST", "the CLOB answers")
            } else {
                try report.fail("books by REST", "the CLOB knows no book of token \(token); its market may be over", .noInput)
            }
        }
        guard case .success(let answer) = result else { return }
        try report.clock(ourMicros: Clock.now().micros, serverMicros: answer.dateMicros)
    }

    private mutating func checkSocket(_ token: String?) throws {
        let begin = Clock.monotonicMicros()
        let probe = try SocketProbe(configuration.session.address, headers: [], tls: tls, environment: EnvironmentFile.process())
        guard probe.open() else {
            return try report.fail(
                "socket", "\(probe.end?.description ?? "it does not come up within 15 s"); check the network and the address", .unavailable)
        }
        try report.pass("socket", "name, TLS and WebSocket are up after \((Clock.monotonicMicros() - begin) / 1000) ms")
        guard let token else { return try report.skip("subscription", "no token to ask for") }
        var plan = PolymarketSocketPlan(tokens: [token], openedAt: Clock.now())
        if let frame = plan.takeFrame(at: Clock.now()) { probe.send(frame) }
        let hasBook = probe.wait(micros: 10_000_000) { bytes in
            var message = PolymarketMessage()
            var scanner = JSONScanner(JSONText(bytes))
            guard (try? scanner.peekKind()) == .array, (try? scanner.beginArray()) != nil, (try? scanner.nextElement()) == true else {
                return false
            }
            return (try? message.read(&scanner)) != nil && message.assetID?.string == token
        }
        if hasBook { return try report.pass("subscription", "the book of token \(token.prefix(12))… came") }
        try report.fail(
            "subscription", "no book came within 10 s\(probe.end.map { " (\($0))" } ?? ""); its market may be over", .unavailable)
    }
}
