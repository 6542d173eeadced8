import Curl
import FeedSession
import JSON
import Logging
import MarketModel

/// After a break of the user channel: asks REST for the own trades since, which the socket does not tell again (dossier §6 no. 20).
///
/// Asked soon after the new socket has said who we are, and once more when it has proved to be up: what happens in between is in the second
/// answer. The venue's mapper tells what was not told.
struct PolymarketUserCatchUp {
    static let path = "/data/trades"
    /// A peer may be gone for so long before it is noticed, and clocks differ.
    private static let marginMicros: Int64 = 60_000_000
    private static let pauseMicros: Int64 = 2_000_000
    private static let pagesMax = 50
    private static let backoff = Backoff(baseMicros: 1_000_000, microsMax: 60_000_000)
    /// How the venue says that there is no page behind this one.
    private static let lastCursor = "LTE="

    private let credentials: PolymarketCredentials
    private let clob: String
    /// From when on trades may be missing; nil if none are.
    private var since: Timestamp?
    private var due: Timestamp?
    /// The question on its way: its id, and the pages before.
    private var asked: (id: Int, pageCount: Int, isLast: Bool)?
    /// The socket has been up since before the question that is due.
    private var isUp = false
    private var failureCount = 0

    init(_ credentials: PolymarketCredentials, clob: String) {
        self.credentials = credentials
        self.clob = clob
    }

    /// A socket that had been up is gone.
    mutating func broke(at time: Timestamp) {
        isUp = false
        due = nil
        // It was asked before this break.
        asked?.isLast = false
        guard credentials.address != nil else { return }
        let start = time.advanced(byMicros: -PolymarketUserCatchUp.marginMicros)
        since = since.map { min($0, start) } ?? start
    }

    /// A socket has said who we are.
    mutating func asks(at time: Timestamp) {
        if since != nil { due = time.advanced(byMicros: PolymarketUserCatchUp.pauseMicros) }
    }

    /// A socket has proved to be up.
    mutating func proved(at time: Timestamp) {
        isUp = true
        if since != nil { due = time }
    }

    var nextDeadline: Timestamp? { asked == nil ? due : nil }

    mutating func act(_ control: LiveControl, at time: Timestamp) {
        guard asked == nil, let due, due <= time else { return }
        self.due = nil
        ask(control, cursor: nil, pageCount: 0, isLast: isUp, at: time)
    }

    private mutating func ask(_ control: LiveControl, cursor: String?, pageCount: Int, isLast: Bool, at time: Timestamp) {
        guard let since,
            let headers = credentials.headers(method: "GET", path: PolymarketUserCatchUp.path, atSeconds: time.micros / 1_000_000)
        else { return }
        let next = cursor.map { "&next_cursor=\(PolymarketQuestions.percentEncoded($0))" } ?? ""
        let path = "\(PolymarketUserCatchUp.path)?after=\(since.micros / 1_000_000)\(next)"
        let request = RESTRequest(url: clob + path, method: .get, headers: headers)
        asked = (control.request(request, recordedPath: path, isPrivate: true).id, pageCount + 1, isLast)
    }

    /// Takes an answer; false if it was not to one of these questions.
    mutating func answered(
        _ request: LiveRequest, _ result: Result<RESTAnswer, RESTFailure>, _ control: LiveControl, _ logger: Logger, at time: Timestamp
    ) -> Bool {
        guard let asked, asked.id == request.id else { return false }
        self.asked = nil
        switch PolymarketAnswer.body(result) {
        case .success(let body):
            failureCount = 0
            if let cursor = PolymarketUserCatchUp.cursor(body) {
                guard asked.pageCount < PolymarketUserCatchUp.pagesMax else {
                    since = nil
                    return tellEndless(logger)
                }
                ask(control, cursor: cursor, pageCount: asked.pageCount, isLast: asked.isLast, at: time)
            } else if asked.isLast, isUp {
                since = nil
                logger.notice("own trades of the break were fetched")
            }
        case .failure(let trouble):
            failed(result, trouble, control, logger, at: time)
        }
        return true
    }

    private func tellEndless(_ logger: Logger) -> Bool {
        logger.error("own trades of the break do not end after \(PolymarketUserCatchUp.pagesMax) pages; look at the account's history")
        return true
    }

    private mutating func failed(
        _ result: Result<RESTAnswer, RESTFailure>, _ trouble: PolymarketAnswer.Trouble, _ control: LiveControl, _ logger: Logger,
        at time: Timestamp
    ) {
        if case .success(let answer) = result, (400..<500).contains(answer.status), answer.status != 429 {
            since = nil
            due = nil
            return logger.error(
                "own trades of the break cannot be fetched (\(trouble.words)); check POLYMARKET_ADDRESS and look at the account's history")
        }
        failureCount += 1
        if failureCount == 1 { logger.warning("own trades of the break cannot be fetched yet (\(trouble.words)); trying on") }
        let wait = max(trouble.retryAfterMicros, 1_000_000) + control.backoff(failures: failureCount, PolymarketUserCatchUp.backoff)
        due = time.advanced(byMicros: wait)
    }

    /// Where the next page begins; nil if this is the last one.
    static func cursor(_ body: [UInt8]) -> String? {
        body.withUnsafeBufferPointer { bytes in
            var scanner = JSONScanner(JSONText(bytes))
            guard (try? scanner.peekKind()) == .object, (try? scanner.beginObject()) != nil else { return nil }
            while let key = try? scanner.nextKey() {
                if key.isEqual(to: "next_cursor"), (try? scanner.peekKind()) == .string {
                    guard let text = try? scanner.string().string else { return nil }
                    return text.isEmpty || text == lastCursor ? nil : text
                }
                guard (try? scanner.skipValue()) != nil else { return nil }
            }
            return nil
        }
    }
}
