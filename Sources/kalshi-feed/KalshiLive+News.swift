import FeedSession
import MarketModel
import UnixTool

/// What the venue said, and what has to be done about it.
extension KalshiLive {
    func take(_ item: KalshiNews.Item, _ control: LiveControl, at time: Timestamp) {
        let jitter: KalshiSocketPlan.Jitter = { control.backoff(failures: $0, $1) }
        switch item {
        case .answer(let answer, let id, let conn):
            plans[conn]?.take(answer, id: id, at: time, jitter: jitter)
        case .hole(let channel, _, let since, _):
            if channel == .trade { tradeHoles.add(from: since, tickers: heldTickers, at: time) }
            if channel == .lifecycle { lookAround(control, at: time) }
        case .lost(let ticker, let conn):
            plans[conn]?.noteLost(ticker, at: time)
        case .book(let ticker, let id, let conn):
            hopeless.remove(ticker)
            plans[conn]?.noteBook(ticker, id: id, at: time)
        case .disagreement(let ticker, let conn):
            logger.warning("the book of \(ticker) had silently gone wrong on connection \(conn): subscribing to it anew")
            plans[conn]?.noteDisagreement(ticker)
        case .marketMade(let ticker, let event):
            takeNewMarket(ticker, event: event, control, at: time)
        case .marketSettled(let ticker):
            if slots.contains(ticker) { forget([ticker], control, reason: "its markets are settled") }
        }
    }

    var heldTickers: [String] { slots.groups.flatMap(\.tickers) }

    /// A market that lifecycle tells of is asked for at once, if a wish means it.
    private func takeNewMarket(_ ticker: String, event: String?, _ control: LiveControl, at time: Timestamp) {
        guard !slots.contains(ticker), KalshiWish.isTicker(ticker[...]) else { return }
        let series = venue.registry.series(of: ticker)
        for wish in tickersOfWish.keys where wish.isOpenEnded && wish.includes(ticker: ticker, event: event, series: series) {
            add([ticker], for: wish, event: event, control, at: time)
        }
    }

    /// Something may have happened to markets that nobody told us: what was asked for is looked up again.
    func lookAround(_ control: LiveControl, at time: Timestamp) {
        for wish in tickersOfWish.keys where wish.isOpenEnded { resolver.add(wish, at: time) }
        facts.want(heldTickers, at: time)
    }

    // MARK: One socket

    func lookAfter(_ conn: Int64, _ control: LiveControl, at time: Timestamp) throws {
        let jitter: KalshiSocketPlan.Jitter = { control.backoff(failures: $0, $1) }
        plans[conn]?.checkDeadlines(lastWord: { self.venue.lastWord(conn, sid: $0) }, at: time, jitter: jitter)
        let findings = plans[conn]?.findings ?? []
        plans[conn]?.findings = []
        for finding in findings { try take(finding, conn, control, at: time) }
        noteTrades(conn)
    }

    /// Remembers when trades were last heard of, for what is missed when the socket ends.
    private func noteTrades(_ conn: Int64) {
        guard let slot = slotOfConn[conn], let plan = plans[conn], let index = plan.index(.trade), let sid = plan.channels[index].sid,
            let word = venue.lastWord(conn, sid: sid)
        else { return }
        tradesSeen[slot] = word
    }

    private func take(_ finding: KalshiSocketPlan.Finding, _ conn: Int64, _ control: LiveControl, at time: Timestamp) throws {
        switch finding {
        case .drop(let reason):
            control.drop(conn, reason: reason)
        case .surplus(let tickers):
            if let slot = slotOfConn[conn] { move(tickers, from: slot, control) }
        case .unauthorised(let channel):
            throw ToolFailure(
                .credentialsRefused, "the venue wants other credentials for \(channel) (error 9); check what the API key may do")
        case .channelRefused(let channel):
            logger.warning("the venue does not know the channel \(channel.wireName) any more (error 8); it is left out")
            guard plans[conn]?.channels.allSatisfy(\.isGivenUp) ?? false else { return }
            throw ToolFailure(.unavailable, "the venue knows none of the channels that were asked for; look for a newer version")
        case .marketRefused(let ticker):
            logger.warning("the venue refuses \(ticker); it is dropped")
            forget([ticker], control, reason: "the venue refuses its markets")
        case .bug(let code):
            if toldBugs.insert(code).inserted {
                logger.error("the venue refuses a command of ours (error \(code)); it is asked otherwise, but please report it")
            }
        case .tradesOpened:
            // Before the first there is nothing to miss.
            guard let slot = slotOfConn[conn], let since = tradesSeen.updateValue(time, forKey: slot) else { return }
            tradeHoles.add(from: since, tickers: slots.tickers(ofSlot: slot), at: time)
        case .lifecycleOpened:
            // The first time everything was looked up a moment ago.
            if hasOpenedLifecycle { lookAround(control, at: time) }
            hasOpenedLifecycle = true
        case .silent(let tickers):
            noteSilent(tickers, at: time)
        }
    }

    /// Books that do not come: perhaps the market is over.
    private func noteSilent(_ tickers: [String], at time: Timestamp) {
        facts.want(tickers, at: time)
        let again = tickers.filter { hopeless.contains($0) }
        if !again.isEmpty { logger.warning("no book of \(again.prefix(3).joined(separator: ", ")) comes whatever is asked; trying on") }
        hopeless.formUnion(tickers)
    }
}
