import Curl
import FeedSession
import JSON
import MarketModel

/// Books that are missing, lost or silent.
extension PolymarketLive {
    /// After so long without a first event a token is asked for by REST.
    private static let firstEventMicros: Int64 = 5_000_000
    /// Questions for whole books that may be on their way at once.
    private static let questionsMax = 4

    var canAskForBooks: Bool { bookQuestions.count < PolymarketLive.questionsMax }

    func lookAfterBooks(_ control: LiveControl, at time: Timestamp) {
        for book in venue.verifier.takeLost() where slots.contains(book.instrument.id) {
            if book.isStalled { move(book.instrument.id, control, at: time) } else { repairs.add(book.instrument.id, at: time) }
        }
        let overdue = time.advanced(byMicros: -PolymarketLive.firstEventMicros)
        for conn in plans.keys {
            for token in plans[conn]?.takePieces(sentBefore: overdue) ?? []
            where slots.contains(token) && !venue.registry.hasBook(token) {
                repairs.add(token, at: time)
            }
        }
        while canAskForBooks {
            let tokens = repairs.takeDue(at: time)
            guard !tokens.isEmpty else { break }
            ask(tokens, control)
        }
        for tokens in audit.takeDue(venue, at: time) where bookQuestions.count < 2 * PolymarketLive.questionsMax { ask(tokens, control) }
    }

    private func ask(_ tokens: [String], _ control: LiveControl) {
        let question = configuration.questions.books(tokens)
        bookQuestions[control.request(question.request, recordedPath: question.path).id] = tokens
    }

    /// The engine has had the books; here it is seen which tokens they have helped.
    func takeBooks(_ tokens: [String], _ result: Result<RESTAnswer, RESTFailure>, _ control: LiveControl, at time: Timestamp) {
        let known = Set(tokens.filter { venue.registry.isKnown($0) })
        var present: Set<String>?
        var least: Int64 = 0
        switch PolymarketAnswer.body(result) {
        case .success(let body): present = try? PolymarketBookList.tokens(body)
        case .failure(let trouble):
            least = trouble.retryAfterMicros
            audit.hold(until: time.advanced(byMicros: least + control.backoff(failures: 4)))
        }
        // What no socket carries is the next socket's business: it brings the book, or is asked again for want of it.
        for token in tokens where venue.subscriptions.carrier(of: token) == nil { repairs.remove(token) }
        for token in repairs.answered(tokens, known: known, present: present, least: least, control, at: time) where slots.contains(token) {
            move(token, control, at: time)
        }
    }
}

/// News of markets that the socket tells everybody.
extension PolymarketLive {
    func takeNews(_ control: LiveControl, at time: Timestamp) {
        for (market, tokens) in venue.announcer.takeFreshMarkets()
        where configuration.isAll && configuration.shard.includes(market) && tokens.allSatisfy(PolymarketListing.isToken) {
            add(tokens, for: .all, control, at: time)
        }
        for (market, tokens) in venue.announcer.takeFreshResolutions() where tokens.contains(where: slots.contains) {
            resolutions.confirm(market, tokens: tokens.filter(slots.contains), at: time)
        }
    }
}
