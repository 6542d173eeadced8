import FeedSession
import JSON
import MarketModel

/// Answers to commands. Source: venues dossier §2.1 and §2.2.
extension KalshiVenue {
    /// Takes an answer; false if the message is none.
    func takeAnswer(_ parsed: KalshiFrame, _ arrival: KalshiArrival) throws -> Bool {
        switch parsed.message {
        case .subscribed(let answer): try take(answer, id: parsed.id, arrival)
        case .ok(let answer): try take(answer, id: parsed.id, hasSid: parsed.sid != nil, arrival)
        case .error(let answer): try take(answer, id: parsed.id, hasSid: parsed.sid != nil, arrival)
        case .unsubscribed: try takeUnsubscribed(id: parsed.id, hasSid: parsed.sid != nil, arrival)
        default: return false
        }
        return true
    }

    private func take(_ answer: KalshiSubscribed, id: Int64?, _ arrival: KalshiArrival) throws {
        defer { news?.note(.answer(.subscribed(answer.channel, sid: answer.sid), id: id, conn: arrival.conn)) }
        let connection = arrival.connection
        let sid = connection.sid(answer.sid, channel: answer.channel)
        if sid.awaitsAcknowledgement {
            sid.channel = answer.channel
            try tellUntoldTrades(answer.channel, arrival)
        } else {
            if answer.channel == .trade { connection.hasUntoldTradeHole = true }
            try tellUntoldTrades(answer.channel, arrival)
            try breaks.loseAll(
                of: sid, on: connection, "subscribed anew", since: sid.lastGood ?? arrival.time, at: arrival.time)
            sid.reset(channel: answer.channel)
        }
        sid.acknowledged = arrival.time
        let command = connection.subscription.command(id)
        try notePriceMode(command, sid, arrival)
        if let command, answer.channel == .book, connection.isLive {
            connection.awaitOnly(Set(command.tickers.compactMap { registry.find(named: $0)?.index }))
        }
        let hasBooks = channels.contains(.book) && !connection.subscription.bookTickers.isEmpty
        if !connection.isLive, !hasBooks, connection.subscription.hasSubscribed || !channels.contains(.book), connection.isAskedForWhole {
            try tellLive(connection, reason: nil, at: arrival.time)
        }
    }

    /// The subscription to trades is there again, and its end was none of the venue's: what happened between was not told.
    private func tellUntoldTrades(_ channel: KalshiChannel, _ arrival: KalshiArrival) throws {
        guard channel == .trade, arrival.connection.hasUntoldTradeHole else { return }
        arrival.connection.hasUntoldTradeHole = false
        if channels.contains(.trade) { try breaks.tellLost("trades subscribed anew", arrival) }
    }

    /// The first command that says how NO prices come decides: two on one subscription have never been seen.
    private func notePriceMode(_ command: KalshiCommand?, _ sid: KalshiSid, _ arrival: KalshiArrival) throws {
        guard sid.priceMode == .assumed, let usesYesPrice = command?.usesYesPrice else { return }
        sid.priceMode = .told(usesYesPrice: usesYesPrice)
        if usesYesPrice { try breaks.loseAsks(of: sid, arrival) }
    }

    private func take(_ answer: KalshiOk, id: Int64?, hasSid: Bool, _ arrival: KalshiArrival) throws {
        output.counters.add("ok")
        let command = arrival.connection.subscription.command(id)
        if answer.isList {
            try takeList(command, arrival)
            news?.note(.answer(.list(scratch.openSubscriptions), id: id, conn: arrival.conn))
            return
        }
        defer { news?.note(.answer(.done(sid: hasSid ? arrival.sid.number : nil), id: id, conn: arrival.conn)) }
        guard hasSid, arrival.sid.channel == .book || command?.channels == [.book] else { return }
        if command?.verb == .subscribe { try notePriceMode(command, arrival.sid, arrival) }
        var gone: [KalshiMarket] = []
        let isAdding = command?.verb == .subscribe || command?.verb == .addMarkets
        if answer.hasTickers, !(isAdding && scratch.tickers.isEmpty) {
            let listed = Set(scratch.tickers.compactMap { registry.find($0)?.index })
            gone = arrival.sid.markets.filter { $0.isCarried(by: arrival.conn, sid: arrival.sid.number) && !listed.contains($0.index) }
        } else if let command, command.verb == .deleteMarkets {
            gone = command.tickers.compactMap { registry.find(named: $0) }.filter {
                $0.isCarried(by: arrival.conn, sid: arrival.sid.number)
            }
        }
        try breaks.lose(gone, "unsubscribed", arrival)
        var hasRecovered = false
        for market in gone where arrival.connection.forget(market) { hasRecovered = true }
        if let command, command.verb == .deleteMarkets { arrival.connection.subscription.drop(command.tickers) }
        guard hasRecovered, arrival.connection.isLive else { return }
        try output.status(FeedStatus(.live, conn: arrival.conn), at: arrival.time)
    }

    /// What the venue thinks is open: a subscription that was open when we asked and is not named is over.
    private func takeList(_ command: KalshiCommand?, _ arrival: KalshiArrival) throws {
        guard let command, command.verb == .list else { return }
        for number in command.sids where !scratch.openSubscriptions.contains(where: { $0.sid == number }) {
            guard let sid = arrival.connection.find(number) else { continue }
            output.counters.add("subscriptions_lost")
            try end(sid, "the venue has no subscription of ours", isAwaited: true, arrival)
        }
    }

    /// An error is matched by its sid, else by the command's id, else it is about the whole connection.
    private func take(_ answer: KalshiErrorAnswer, id: Int64?, hasSid: Bool, _ arrival: KalshiArrival) throws {
        output.counters.add((0...999).contains(answer.code) ? "error_\(answer.code)" : "error_beyond_999")
        let tickers = news == nil ? [] : scratch.tickers.map(\.string)
        defer {
            news?.note(
                .answer(
                    .error(code: answer.code, sid: hasSid ? arrival.sid.number : nil, tickers: tickers), id: id, conn: arrival.conn))
        }
        let words = answer.words.map { String($0.string.prefix(200)) } ?? ""
        if toldErrors.count < 1000, toldErrors.insert(answer.code).inserted {
            output.logger.warning("the venue says error \(answer.code) on connection \(arrival.conn): \(words)")
        } else {
            output.logger.debug("the venue says error \(answer.code) on connection \(arrival.conn): \(words)")
        }
        guard answer.endsSubscription else { return }
        let connection = arrival.connection
        let command = connection.subscription.command(id)
        for sid in connection.sids {
            let isMeant =
                if hasSid { sid === arrival.sid } else if let command {
                    command.sids.contains(sid.number) || sid.channel.map { command.channels.contains($0) } ?? false
                } else { true }
            if isMeant { try end(sid, "subscription ended: code \(answer.code)", isAwaited: true, arrival) }
        }
    }

    private func takeUnsubscribed(id: Int64?, hasSid: Bool, _ arrival: KalshiArrival) throws {
        output.counters.add("unsubscribed")
        if hasSid {
            if arrival.sid.channel == .trade { arrival.connection.hasUntoldTradeHole = true }
            try end(arrival.sid, "unsubscribed", isAwaited: false, arrival)
        }
        news?.note(.answer(.unsubscribed(sid: hasSid ? arrival.sid.number : nil), id: id, conn: arrival.conn))
    }

    /// The subscription is over on the server: its books are gone, and its number may come again.
    private func end(_ sid: KalshiSid, _ reason: String, isAwaited: Bool, _ arrival: KalshiArrival) throws {
        let since = sid.lastGood ?? arrival.time
        if sid.channel == .book || !sid.markets.isEmpty {
            try breaks.loseAll(of: sid, on: arrival.connection, reason, since: since, isAwaited: isAwaited, at: arrival.time)
        } else if isAwaited, let channel = sid.channel, channel != .ticker, !channels.isDisjoint(with: channel.option) {
            try breaks.tellLost("\(reason) on \(channel.name)", arrival)
        }
        arrival.connection.remove(sid)
    }

    // MARK: What we asked for

    /// Fresh books are asked for: names those that are unknown.
    func tellResyncing(_ command: KalshiCommand, _ connection: KalshiConnection, at time: Timestamp) throws {
        guard channels.contains(.book) else { return }
        let asked = command.tickers.compactMap { registry.find(named: $0) }
        let unknown = asked.filter { $0.instrument.isShown && !$0.instrument.book.isKnown && $0.hadSnapshot(on: connection.conn) }
        guard !unknown.isEmpty else { return }
        try output.status(
            FeedStatus(.resyncing, conn: connection.conn, instruments: unknown.map(\.instrument.id)), at: time)
    }
}
