import FeedSession
import JSON
import OpenSSL
import UnixTool
import WebSocketClient

/// `--check`: everything that a session needs, tried one after another.
struct KalshiCheck {
    private let configuration: KalshiConfiguration
    private let rest: BlockingREST
    private let tls: TLSContext
    private var report: CheckReport

    init(_ configuration: KalshiConfiguration, report: CheckReport) throws {
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
        try report.pass("configuration", "\(session.address), \(session.questions.base)")
        let credentials = try checkCredentials()
        try checkExchange()
        let ticker = try checkDirectory()
        try checkSocket(credentials, ticker)
        if let failure = report.failure { throw failure }
    }

    private mutating func checkCredentials() throws -> KalshiCredentials? {
        do {
            let credentials = try KalshiCredentials(configuration.credentials)
            try report.pass("credentials", "a key id and \(credentials.key) can sign")
            return credentials
        } catch let failure as ToolFailure {
            try report.fail("credentials", failure.message, failure.status)
            return nil
        }
    }

    private mutating func checkExchange() throws {
        let questions = configuration.session.questions
        let result = rest.fetch(questions.exchangeStatus.request)
        switch KalshiAnswer.body(result) {
        case .failure(let trouble):
            try report.fail(
                "REST", "\(questions.base): \(trouble.words); events and series cannot be resolved, tickers work without it",
                trouble.status)
        case .success(let body):
            guard let status = KalshiExchangeStatus(body) else {
                return try report.fail("REST", "\(questions.base) does not say what an exchange says; correct --rest-url", .protocolBroken)
            }
            try report.pass("REST", status.words)
        }
        guard case .success(let answer) = result else { return }
        try report.clock(ourMicros: Clock.now().micros, serverMicros: answer.dateMicros)
    }

    /// The first MARKET, else whatever is open.
    private mutating func checkDirectory() throws -> String? {
        let questions = configuration.session.questions
        let wish = try configuration.session.wishes().first ?? .all
        let question =
            switch wish {
            case .ticker(let ticker): questions.markets(tickers: [ticker])
            case .event(let name), .page(let name): questions.markets(event: name, after: nil)
            case .series(let name): questions.markets(series: name, after: nil)
            case .all, .top: questions.allMarkets(after: nil, isRecorded: false)
            }
        switch KalshiAnswer.body(rest.fetch(question.request)) {
        case .failure(let trouble):
            try report.fail("directory", "\(questions.base): \(trouble.words)", trouble.status)
            guard case .ticker(let ticker) = wish else { return nil }
            return ticker
        case .success(let body):
            let open = (try? KalshiListing(body))?.markets.filter { !$0.isOver } ?? []
            guard let first = open.first else {
                try report.fail("directory", "no open market answers to \(wish.words); look for one with kalshi-feed --list TEXT", .noInput)
                return nil
            }
            try report.pass("directory", "\(wish.words) is \(open.count) open market\(open.count == 1 ? "" : "s")")
            return first.ticker
        }
    }

    private mutating func checkSocket(_ credentials: KalshiCredentials?, _ ticker: String?) throws {
        guard let credentials else { return try report.skip("socket", "needs credentials") }
        let address = configuration.session.address
        let begin = Clock.monotonicMicros()
        let headers = try KalshiSigner(credentials: credentials).headers(path: address.path, at: Clock.now())
        let probe = try SocketProbe(address, headers: headers, tls: tls, environment: EnvironmentFile.process())
        guard probe.open() else {
            let words = probe.end.map { credentials.secrets.mask($0.description) } ?? "it does not come up within 15 s"
            let isRefused = if case .refused(let refusal, _) = probe.end { refusal.status == 401 || refusal.status == 403 } else { false }
            return try report.fail(
                "socket",
                isRefused
                    ? "\(words); check the key, whether it is of this environment (--demo has its own), and this machine's clock"
                    : "\(words); check the network and the address", isRefused ? .credentialsRefused : .unavailable)
        }
        try report.pass("socket", "name, TLS, signature and WebSocket are good after \((Clock.monotonicMicros() - begin) / 1000) ms")
        guard let ticker else { return try report.skip("subscription", "no market to ask for") }
        probe.send(KalshiCommandText.subscribe(.book, tickers: [ticker], id: 1))
        var refusal: Int64?
        let hasBook = probe.wait(micros: 10_000_000) { bytes in
            var scratch = KalshiScratch()
            guard let frame = try? KalshiFrame(JSONText(bytes), wanted: .book, &scratch) else { return false }
            if case .error(let answer) = frame.message { refusal = answer.code }
            guard case .snapshot(let snapshot) = frame.message else { return refusal != nil }
            return snapshot.ticker.string == ticker
        }
        if hasBook, refusal == nil { return try report.pass("subscription", "the book of \(ticker) came") }
        let reason =
            refusal.map { "the venue says error \($0)" }
            ?? "no book came within 10 s\(probe.end.map { " (\(credentials.secrets.mask($0.description)))" } ?? "")"
        try report.fail("subscription", "\(reason); its market may be over", .unavailable)
    }
}

extension KalshiAnswer.Trouble {
    /// How a check ends that fails for it.
    fileprivate var status: ExitStatus {
        switch self {
        case .network: .unavailable
        case .missing: .noInput
        case .busy, .other: .tryLater
        }
    }
}
