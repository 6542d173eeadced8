import Curl
import FeedSession
import MarketModel

/// Asks for the fees of series and events, in the background: a stream does not wait for them. Source: venues dossier §6.2.
struct KalshiFeeFacts {
    private static let backoff = Backoff(baseMicros: 1_000_000, microsMax: 60_000_000)

    enum Subject: Hashable {
        case series(String)
        case event(String)
    }

    private var seen: Set<Subject> = []
    private var waiting: [Subject] = []
    private var asked: (id: Int, subject: Subject)?
    private var failureCount = 0
    private var due = Timestamp(micros: 0)

    mutating func want(series: String, event: String?, at time: Timestamp) {
        want([.series(series)] + (event.map { [Subject.event($0)] } ?? []), at: time)
    }

    /// Each is asked for once.
    mutating func want(_ subjects: [Subject], at time: Timestamp) {
        if waiting.isEmpty { due = max(due, time) }
        for subject in subjects where seen.insert(subject).inserted { waiting.append(subject) }
    }

    func nextDeadline(_ gate: KalshiGate) -> Timestamp? {
        waiting.isEmpty || asked != nil ? nil : max(due, gate.nextOpening(isUrgent: false))
    }

    mutating func act(_ control: LiveControl, _ questions: KalshiQuestions, _ gate: inout KalshiGate, at time: Timestamp) {
        guard let subject = waiting.first, asked == nil, due <= time, gate.take(isUrgent: false, at: time) else { return }
        let asking =
            switch subject {
            case .series(let ticker): questions.series(ticker)
            case .event(let ticker): questions.event(ticker)
            }
        asked = (control.request(asking.request, recordedPath: asking.path).id, subject)
    }

    /// Takes an answer; nil if it was not to one of these questions, else what the venue does not have.
    mutating func answered(
        _ request: LiveRequest, _ result: Result<RESTAnswer, RESTFailure>, _ control: LiveControl, at time: Timestamp
    ) -> Result<Subject?, KalshiAnswer.Trouble>? {
        guard let question = asked, question.id == request.id else { return nil }
        asked = nil
        let body = KalshiAnswer.body(result)
        switch body {
        case .success, .failure(.missing):
            waiting.removeAll { $0 == question.subject }
            failureCount = 0
            due = time
            if case .success = body { return .success(nil) }
            return .success(question.subject)
        case .failure(let trouble):
            failureCount += 1
            due = time.advanced(byMicros: 1_000_000 + control.backoff(failures: failureCount, KalshiFeeFacts.backoff))
            return .failure(trouble)
        }
    }
}
