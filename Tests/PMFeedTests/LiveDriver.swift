import JSON
import Logging
import MarketModel
import TestSupport
import UnixTool

@testable import Curl
@testable import FeedSession
@testable import pm_feed

/// A live session without sockets and without a clock: the test is the network, and time passes when it says so.
///
/// It does what the live loop does, in the loop's order; that what comes out is right also for the loop is the business of the
/// tests of whole programs.
final class LiveDriver {
    let paper: Session
    let live: PolymarketLive
    let control: LiveControl
    private(set) var now = Session.start
    /// Sockets that are being opened, and their slots.
    private(set) var dialling: [(conn: Int64, slot: Int, time: Int64)] = []
    private(set) var open: [(conn: Int64, slot: Int)] = []
    private(set) var sent: [Sent] = []
    private(set) var questions: [Question] = []
    /// All that were ever asked.
    private(set) var asked: [Question] = []
    private(set) var ends: [End] = []
    /// Every line that was printed.
    private(set) var lines: [String] = []
    private(set) var log = LogBox()
    /// How often the loop would have turned without anything to do.
    private(set) var idleTurns = 0
    /// What ends the run, if something does.
    private(set) var failure: ToolFailure?
    /// The network's side: called for each frame that is sent.
    var onSent: ((Sent) throws -> Void)?
    private var recorder: RecorderBox?

    init(_ arguments: [String], rotate: Int64? = nil, seed: UInt64 = 1, recording path: String? = nil) throws {
        paper = try Session(arguments)
        var rules = SessionRules()
        rules.rotateMicros = rotate
        control = LiveControl(
            FeedSession.Session(rules, at: Session.start), random: SeededGenerator(seed: seed))
        let box = log
        live = PolymarketLive(
            paper.configuration.session, paper.venue, redundancy: paper.configuration.live.redundancy,
            staleMicros: paper.configuration.feed.staleMicros, logger: Logger(label: "test") { _ in box })
        recorder = try path.map { RecorderBox(try Recorder(path: $0)) }
    }

    var time: Timestamp { Timestamp(micros: now) }

    /// The run begins.
    func start() throws {
        try step { try self.live.start(self.control, at: self.time) }
        try service()
    }

    // MARK: Time

    /// Lets time pass; whatever is due is done when it is due.
    func run(micros: Int64) throws {
        let end = now + micros
        try service()
        while now < end, failure == nil, control.finishReason == nil { try advance(to: end) }
    }

    /// To the next thing that is due, at most to `end`.
    func advance(to end: Int64) throws {
        var next = end
        let due = [paper.engine.nextDeadline?.micros, live.nextDeadline?.micros, control.session.nextDeadlineMicros]
        for due in due.compactMap({ $0 }) {
            if due <= now { idleTurns += 1 }
            next = min(next, max(due, now + 1000))
        }
        now = next
        try service()
    }

    func service() throws {
        guard failure == nil else { return }
        try paper.engine.pass(to: time)
        try settle()
        try step { try self.live.act(self.control, at: self.time) }
        while let opening = control.session.takeOpening(at: now) {
            _ = live.dial(slot: opening.slot, at: time)
            dialling.append((opening.conn, opening.slot, now))
        }
        lines += try paper.lines()
    }

    private func settle() throws {
        for conn in paper.engine.takeStaleConns() { try end(conn, SocketTrouble(.lost, "silent, so it is replaced")) }
        for conn in paper.output.takeLiveConns() {
            for old in control.session.noteLive(conn) { try end(old, SocketTrouble(.lost, "renewed", code: 1000)) }
        }
    }

    private func step(_ call: () throws -> Void) throws {
        control.nowMicros = now
        do {
            try call()
        } catch let failure as ToolFailure {
            self.failure = failure
        }
        for wish in control.takeWishes() { try carryOut(wish) }
        failure = failure ?? control.failure
    }

    private func carryOut(_ wish: LiveControl.Wish) throws {
        switch wish {
        case .send(let conn, let text, _):
            guard open.contains(where: { $0.conn == conn }) else { return }
            try Session.withText(Array(text.utf8)) { try take(.sent(conn: conn, frame: $0, at: time)) }
            let frame = Sent(conn: conn, text: text, time: now)
            sent.append(frame)
            try onSent?(frame)
        case .drop(let conn, let reason):
            try end(conn, SocketTrouble(.lost, reason))
        case .request(let live, let request):
            var body = ""
            if case .post(let bytes) = request.method { body = String(decoding: bytes, as: UTF8.self) }
            let question = Question(id: live.id, path: live.recordedPath, url: request.url, body: body, time: now)
            questions.append(question)
            asked.append(question)
        }
    }

    private func take(_ entry: RecordingEntry) throws {
        try recorder?.recorder.write(entry, address: "wss://paper")
        if try paper.engine.take(entry), case .received(let conn, _, let time) = entry {
            control.session.noteData(conn, at: time.micros)
        }
    }

    // MARK: What the network does

    /// The oldest socket that is being opened comes up.
    @discardableResult
    func accept() throws -> Int64 {
        guard !dialling.isEmpty else { throw DriverFault("no socket is being opened") }
        let (conn, slot, _) = dialling.removeFirst()
        open.append((conn, slot))
        control.openConns.insert(conn)
        control.session.opened(conn, at: now)
        try take(.opened(conn: conn, at: time))
        try step { self.live.opened(conn: conn, slot: slot, self.control, at: self.time) }
        try service()
        return conn
    }

    /// A socket ends, or does not come up.
    func end(_ conn: Int64, _ trouble: SocketTrouble) throws {
        guard let slot = (open.first { $0.conn == conn }?.slot) ?? (dialling.first { $0.conn == conn }?.slot) else { return }
        open.removeAll { $0.conn == conn }
        dialling.removeAll { $0.conn == conn }
        control.openConns.remove(conn)
        let judged = live.judge(conn: conn, slot: slot, trouble)
        let outcome = control.session.ended(conn, judged, at: now, random: &control.random)
        ends.append(End(conn: conn, slot: slot, trouble: judged, outcome: outcome, time: now))
        var retry: Int64?
        if case .retry(let micros) = outcome { retry = micros }
        try Session.withText(Array(judged.words.utf8)) {
            try take(.closed(conn: conn, code: judged.code, reason: $0, retryMicros: retry, at: time))
        }
        if case .giveUp(let failure) = outcome {
            self.failure = failure.toolFailure
            return
        }
        try step { self.live.ended(conn: conn, slot: slot, judged, self.control, at: self.time) }
    }

    func close(_ conn: Int64, code: Int64, _ reason: String) throws {
        try end(conn, SocketTrouble(.lost, "the server closed the connection with code \(code): \(reason)", code: code))
        try service()
    }

    func receive(_ frame: String, _ conn: Int64) throws {
        guard open.contains(where: { $0.conn == conn }) else { return }
        try Session.withText(Array(frame.utf8)) { try take(.received(conn: conn, frame: $0, at: time)) }
        try settle()
        try service()
    }

    func answer(_ question: Question, _ body: String, status: Int = 200, retryAfter: String? = nil) throws {
        let answer = RESTAnswer(
            status: status, body: Array(body.utf8), contentType: nil, retryAfter: retryAfter, dateMicros: now / 1_000_000 * 1_000_000)
        if let path = question.path {
            try Session.withText(Array(path.utf8)) { path in
                try Session.withText(answer.body) {
                    try take(.answered(path: path, status: Int64(status), body: $0, at: time))
                }
            }
        }
        try conclude(question, .success(answer))
    }

    func fail(_ question: Question, _ failure: RESTFailure = .unreachable("no route to REST")) throws {
        try conclude(question, .failure(failure))
    }

    private func conclude(_ question: Question, _ result: Result<RESTAnswer, RESTFailure>) throws {
        guard questions.contains(question) else { throw DriverFault("question \(question.id) is answered already") }
        questions.removeAll { $0.id == question.id }
        control.pendingRequestCount -= 1
        try settle()
        let request = LiveRequest(id: question.id, recordedPath: question.path)
        try step { self.live.answered(request, result, self.control, at: self.time) }
        try service()
    }

    /// SIGHUP.
    func reload() throws {
        try step { try self.live.reload(self.control, at: self.time) }
        try service()
    }

    /// The end of the run, as the loop ends it.
    func stop() throws {
        for (conn, _) in open + dialling.map({ ($0.conn, $0.slot) }) {
            try Session.withText(Array("stopped".utf8)) {
                try take(.closed(conn: conn, code: 1000, reason: $0, retryMicros: nil, at: time))
            }
        }
        try paper.engine.stop()
        lines += try paper.lines()
        try recorder?.recorder.flush()
    }

    // MARK: What the tests look at

    /// Lines printed since the last call, in short.
    func news() throws -> [String] {
        defer { newsFrom = lines.count }
        return Array(lines[newsFrom...]).brief
    }
    private var newsFrom = 0
}
