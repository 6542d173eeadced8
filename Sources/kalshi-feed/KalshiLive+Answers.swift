import Curl
import FeedSession
import JSON
import MarketModel

/// REST answers: what was found, what does not exist, and what to do while nothing is answered.
extension KalshiLive {
    func answered(
        _ request: LiveRequest, _ result: Result<RESTAnswer, RESTFailure>, _ control: LiveControl, at time: Timestamp
    ) {
        isTouched = true
        if request.id == statusQuestion {
            statusQuestion = nil
            note(KalshiAnswer.body(result).map { _ in }, control, at: time)
            if case .success(let body) = KalshiAnswer.body(result) { KalshiExchangeStatus(body)?.tell(logger) }
        } else if let outcome = facts.answered(request, result, control, at: time) {
            note(outcome.map { _ in }, control, at: time)
            if case .success(let found) = outcome { take(found, control, at: time) }
        } else if let outcome = resolver.answered(request, result, control, at: time) {
            note(outcome.map { _ in }, control, at: time)
            if case .success(let finding?) = outcome { take(finding, control, at: time) }
        } else if let outcome = fees.answered(request, result, control, at: time) {
            note(outcome.map { _ in }, control, at: time)
            if case .success(let missing?) = outcome { takeMissing(missing) }
        } else if let outcome = tradeHoles.answered(request, result, control, at: time) {
            note(outcome, control, at: time)
        }
    }

    /// Says once when REST is away, and once when it is back.
    private func note(_ outcome: Result<Void, KalshiAnswer.Trouble>, _ control: LiveControl, at time: Timestamp) {
        switch outcome {
        case .success, .failure(.missing):
            wasRESTAnswered = true
            gate.answered()
            guard isRESTAway else { return }
            isRESTAway = false
            logger.notice("REST answers again")
        case .failure(let trouble):
            if trouble == .busy { gate.refused(jitterMicros: control.jitter(upTo: 1_000_000), at: time) }
            lastRESTTrouble = trouble
            streamUnchecked(control, at: time)
            guard !isRESTAway else { return }
            isRESTAway = true
            logger.warning("REST does not answer (\(trouble.words)): what can be streamed without it is; facts and fees come when it does")
        }
    }

    /// Tickers are streamed though nobody has said that they exist.
    private func streamUnchecked(_ control: LiveControl, at time: Timestamp) {
        for ticker in unchecked.sorted() { add([ticker], for: .ticker(ticker), control, at: time) }
        unchecked.removeAll()
    }

    /// What REST knows of tickers.
    private func take(_ outcome: KalshiFacts.Outcome, _ control: LiveControl, at time: Timestamp) {
        for market in outcome.present {
            if market.isOver {
                if unchecked.contains(market.ticker) || slots.contains(market.ticker) {
                    logger.warning("\(market.ticker) is over (\(market.status)); it is left out")
                }
                forget([market.ticker], control, reason: "its markets are over")
            } else if unchecked.remove(market.ticker) != nil {
                add([market.ticker], for: .ticker(market.ticker), event: market.event, control, at: time)
            } else {
                fees.want(series: venue.registry.series(of: market.ticker), event: market.event, at: time)
            }
        }
        // A market that has a book exists, whatever REST says.
        let unknown = outcome.missing.filter { !(venue.registry.find(named: $0)?.hadSnapshot ?? false) }
        for ticker in unknown where unchecked.contains(ticker) || slots.contains(ticker) {
            logger.warning("the venue knows no market \(ticker); it is left out")
        }
        forget(unknown, control, reason: "none of its markets exists")
    }

    private func take(_ finding: KalshiResolver.Finding, _ control: LiveControl, at time: Timestamp) {
        guard tickersOfWish[finding.wish] != nil else { return }
        for market in finding.markets where !market.isOver && !slots.contains(market.ticker) {
            add([market.ticker], for: finding.wish, event: market.event, control, at: time)
        }
        guard finding.isComplete, tickersOfWish[finding.wish]?.isEmpty ?? false else { return }
        switch finding.wish {
        case .series(let name): fees.want([.series(name)], at: time)
        case .event(let name), .page(let name): fees.want([.event(name)], at: time)
        case .ticker, .all, .top: break
        }
        if finding.wish.isOpenEnded {
            logger.notice("\(finding.wish.words) has no open market; waiting for one")
        } else {
            logger.warning("no open market answers to \(finding.wish.words)")
        }
    }

    /// An event or a series does not exist: there is nothing to wait for.
    private func takeMissing(_ subject: KalshiFeeFacts.Subject) {
        let wishes: [KalshiWish] =
            switch subject {
            case .series(let name): [.series(name)]
            case .event(let name): [.event(name), .page(name)]
            }
        for wish in wishes where tickersOfWish[wish]?.isEmpty ?? false {
            unknownWishes.insert(wish)
            logger.warning("the venue knows no \(wish.words)")
        }
    }
}
