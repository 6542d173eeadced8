import FeedSession
import MarketModel

/// What came on the socket, and what it means for what is sent next.
extension KalshiSocketPlan {
    typealias Jitter = (Int, Backoff) -> Int64

    /// Takes an answer to a command, or an error.
    mutating func take(_ answer: KalshiNews.Answer, id: Int64?, at time: Timestamp, jitter: Jitter) {
        switch answer {
        case .subscribed(let channel, let sid):
            takeFlight(id, channel)
            acknowledge(channel, sid: sid, isFresh: true, id: id, at: time)
        case .done(let sid):
            takeDone(id: id, sid: sid, at: time)
        case .list(let open):
            guard id.flatMap({ flights.take($0) }) != nil else { return }
            unansweredLists = 0
            compare(open, at: time, jitter: jitter)
        case .unsubscribed(let sid):
            guard let sid, let index = index(sid: sid) else { return }
            takeFlight(id, channels[index].channel)
            if channels[index].channel == .book { pauseBooks() }
            channels[index].unsubscribed(at: time)
        case .error(let code, let sid, let tickers):
            take(error: code, id: id, sid: sid, tickers, at: time, jitter: jitter)
        }
    }

    /// The command that was answered is not on its way any more.
    private mutating func takeFlight(_ id: Int64?, _ channel: KalshiChannel) {
        if let id { _ = flights.take(id) } else { _ = flights.take { $0 == .channel(channel) } }
    }

    private mutating func pauseBooks() {
        books.pause()
        flights.dropSnapshots()
    }

    private mutating func acknowledge(_ channel: KalshiChannel, sid: Int64?, isFresh: Bool, id: Int64?, at time: Timestamp) {
        guard let index = index(channel) else { return }
        if isFresh, channel == .book, channels[index].sid != nil { pauseBooks() }
        let fresh = channels[index].acknowledged(sid: sid, isFresh: isFresh, at: time)
        if channel == .book { books.expect(fresh, at: time) }
        if let id {
            lastPieces = lastPieces.filter { $0.value.channel != channel }
            lastPieces[id] = (channel, fresh)
        }
        guard isFresh else { return }
        if channel == .trade { findings.append(.tradesOpened) }
        if channel == .lifecycle { findings.append(.lifecycleOpened) }
    }

    private mutating func takeDone(id: Int64?, sid: Int64?, at time: Timestamp) {
        guard let flight = id.flatMap({ flights.take($0) }), case .channel(let channel) = flight.kind, let index = index(channel) else {
            return
        }
        if case .delete = channels[index].asked {
            channels[index].deleted(at: time)
        } else {
            acknowledge(channel, sid: sid, isFresh: false, id: id, at: time)
        }
    }

    /// The venue's list of what is open against ours: what it does not have is asked for again.
    private mutating func compare(_ open: [KalshiOpenSubscription], at time: Timestamp, jitter: Jitter) {
        for index in channels.indices {
            guard let sid = channels[index].sid, isListed(sid), !open.contains(where: { $0.sid == sid }) else { continue }
            end(index, isOverflow: false, at: time, jitter: jitter)
        }
    }

    private mutating func end(_ index: Int, isOverflow: Bool, at time: Timestamp, jitter: Jitter) {
        if channels[index].channel == .book { pauseBooks() }
        _ = flights.take { $0 == .channel(channels[index].channel) }
        channels[index].ended(isOverflow: isOverflow, at: time, jitter: jitter)
    }

    // MARK: Errors (dossier §2.2)

    private mutating func take(
        error code: Int64, id: Int64?, sid: Int64?, _ tickers: [String], at time: Timestamp, jitter: Jitter
    ) {
        wantList(at: time)
        let isEnd = code == 10 || code == 17 || code == 25
        let flight = isEnd && id == nil ? nil : takeFlight(of: id, sid: sid)
        let index = sid.flatMap { self.index(sid: $0) } ?? flight.flatMap { self.index(of: $0) }
        switch code {
        case 10, 17, 25:
            if sid != nil, index == nil { return }
            for each in index.map({ [$0] }) ?? Array(channels.indices) where channels[each].sid != nil || channels[each].asked != nil {
                end(each, isOverflow: code == 25, at: time, jitter: jitter)
            }
        case 9:
            findings.append(.unauthorised(index.map { "\(channels[$0].channel.wireName)" } ?? "a channel"))
        case 8:
            guard let index else { return }
            findings.append(.channelRefused(channels[index].channel))
            channels[index].giveUp()
        case 16:
            for ticker in tickers { findings.append(.marketRefused(ticker)) }
            retry(flight, index, at: time, jitter: jitter)
        case 26:
            guard let index else { return }
            let surplus = channels[index].overflow(at: time)
            if !surplus.isEmpty { findings.append(.surplus(surplus)) }
        case 27:
            slowDown(at: time)
            retry(flight, index, at: time, jitter: jitter)
        case 6:
            if let index { _ = channels[index].acknowledged(sid: sid, isFresh: false, at: time) }
        case 7, 18:
            retry(flight, index, at: time, jitter: jitter)
        case 1...5, 11...15, 19...24, 28:
            findings.append(.bug(code: code))
            refuse(flight, index, at: time, jitter: jitter)
        default:
            retry(flight, index, at: time, jitter: jitter)
        }
    }

    /// The command that an error answers: by its id, else the oldest of its subscription. A whole book that was asked for is what the
    /// venue was seen to refuse without an id.
    private mutating func takeFlight(of id: Int64?, sid: Int64?) -> KalshiFlights.Flight? {
        if let id { return flights.take(id) ?? takeBack(id) }
        guard let sid, let index = index(sid: sid) else { return nil }
        if channels[index].channel == .book, let question = flights.take(where: { $0.isSnapshots }) { return question }
        return flights.take { $0 == .channel(channels[index].channel) }
    }

    /// A command that was acknowledged a moment ago: its markets are not subscribed after all (dossier §7 no. 12).
    private mutating func takeBack(_ id: Int64) -> KalshiFlights.Flight? {
        guard let piece = lastPieces.removeValue(forKey: id), let index = index(piece.channel) else { return nil }
        channels[index].takeBack(piece.tickers)
        if piece.channel == .book { books.forget(piece.tickers) }
        return KalshiFlights.Flight(id: id, kind: .channel(piece.channel), sent: nextCommand, deadline: nextCommand)
    }

    private func index(of flight: KalshiFlights.Flight) -> Int? {
        switch flight.kind {
        case .channel(let channel): index(channel)
        case .snapshots: index(.book)
        case .list: nil
        }
    }

    /// The same again, later.
    private mutating func retry(_ flight: KalshiFlights.Flight?, _ index: Int?, at time: Timestamp, jitter: Jitter) {
        switch flight?.kind {
        case .snapshots(let left): books.postpone(left, by: 250_000 + jitter(2, .usual), at: time)
        case .channel: if let index { channels[index].retry(isUnanswered: false, at: time, jitter: jitter) }
        case .list, nil: break
        }
    }

    /// What was asked for is refused for what it is.
    private mutating func refuse(_ flight: KalshiFlights.Flight?, _ index: Int?, at time: Timestamp, jitter: Jitter) {
        switch flight?.kind {
        case .snapshots(let left): fail(left, isAlive: true, at: time, jitter: jitter)
        case .channel:
            guard let index, let ticker = channels[index].split(at: time, jitter: jitter) else { return }
            findings.append(.marketRefused(ticker))
        case .list, nil: break
        }
    }

    // MARK: Books

    mutating func noteLost(_ ticker: String, at time: Timestamp) {
        guard let index = index(.book), channels[index].holds(ticker), !channels[index].isLeaving(ticker) else { return }
        books.lost(ticker, at: time)
    }

    mutating func noteBook(_ ticker: String, id: Int64?, at time: Timestamp) {
        books.came(ticker)
        flights.noteBook(ticker, id: id, at: time)
    }

    /// Changes of a market are kept from us though nothing is missing in the numbers.
    mutating func noteDisagreement(_ ticker: String) {
        guard let index = index(.book) else { return }
        channels[index].renew([ticker])
    }

    private mutating func fail(_ tickers: [String], isAlive: Bool, at time: Timestamp, jitter: Jitter) {
        guard let index = index(.book), channels[index].sid != nil else { return }
        let own = tickers.filter { channels[index].holds($0) }
        switch books.failed(own, isAlive: isAlive, at: time, jitter: jitter) {
        case .renewAll: channels[index].renew(at: time)
        case .renew(let tickers):
            channels[index].renew(tickers)
            findings.append(.silent(tickers))
        case .reconnect(let tickers):
            findings.append(.silent(tickers))
            findings.append(.drop("no book of \(tickers.count) market(s) comes whatever is asked"))
        case nil: break
        }
    }

    // MARK: What does not come

    /// Notices what was not answered.
    ///
    /// - Parameter lastWord: when something last came on a subscription.
    mutating func checkDeadlines(lastWord: (Int64) -> Timestamp?, at time: Timestamp, jitter: Jitter) {
        for flight in flights.takeOverdue(at: time) {
            switch flight.kind {
            case .list:
                unansweredLists += 1
                if unansweredLists >= 2 { findings.append(.drop("commands are not answered")) } else { wantList(at: time) }
            case .snapshots(let left):
                let isAlive = flight.hasProgress || (bookSid.flatMap(lastWord).map { $0 > flight.sent } ?? false)
                fail(left, isAlive: isAlive, at: time, jitter: jitter)
            case .channel(let channel):
                guard let index = index(channel) else { continue }
                let isProbe = if case .probe = channels[index].asked { true } else { false }
                channels[index].retry(isUnanswered: true, at: time, jitter: jitter)
                if isProbe { channels[index].renew(at: time) }
                if channels[index].unansweredCount >= 2 { findings.append(.drop("\(channel.wireName) is not answered")) }
                wantList(at: time)
            }
        }
    }
}
