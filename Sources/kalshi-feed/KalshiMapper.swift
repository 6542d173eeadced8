import FeedSession
import JSON
import MarketModel

/// Turns one message and its receive time into events.
final class KalshiMapper {
    let output: FeedOutput
    let registry: KalshiRegistry
    let breaks: KalshiBreaks
    let channels: KalshiChannels
    /// Each trade is told once, whatever ways it comes.
    var tradeMemory = KalshiTradeMemory()
    var ownMemory = KalshiOwnMemory()
    /// Several connections are up: what has no sequence of its own may come twice.
    var hasCopies = false
    private var lifecycleRing = CopyRing(dropsRepetitions: false)
    /// nil in a replay.
    var news: KalshiNews?

    init(_ configuration: KalshiConfiguration, _ output: FeedOutput, _ registry: KalshiRegistry, _ breaks: KalshiBreaks) {
        self.output = output
        self.registry = registry
        self.breaks = breaks
        channels = configuration.channels
    }

    /// Maps a message that is not an answer to a command.
    ///
    /// - Parameter id: of the command that it answers.
    func map(
        _ message: KalshiMessage, _ type: KalshiMessageType, id: Int64?, _ scratch: inout KalshiScratch, _ arrival: KalshiArrival
    ) throws {
        do {
            switch message {
            case .delta(let delta): try take(delta, arrival)
            case .snapshot(let snapshot): try take(snapshot, id: id, &scratch, arrival)
            case .trade(let trade): try take(trade, arrival)
            case .ticker(let ticker): try take(ticker, arrival)
            case .marketLifecycle(let lifecycle): try take(lifecycle, arrival)
            case .eventLifecycle(let lifecycle): try take(lifecycle, arrival)
            case .eventFeeUpdate(let update): try take(update, arrival)
            case .fill(let fill): try take(fill, arrival)
            case .order(let order): try take(order, arrival)
            case .position(let position): try take(position, arrival)
            case .malformed(let fault, let ticker): try refuse(type, fault, ticker, arrival)
            case .unread: countUnread(type)
            case .subscribed, .ok, .error, .unsubscribed: break
            }
        } catch let fault as KalshiFault {
            try refuse(type, fault, nil, arrival)
        }
    }

    /// A message that is no use: kept, counted, and what it was about is not to be believed any more.
    func refuse(
        _ type: KalshiMessageType, _ fault: KalshiFault, _ ticker: JSONText?, _ arrival: KalshiArrival
    ) throws {
        if case .retired(let field) = fault {
            try output.drift("a retired form of \(type.name), with \(field)", conn: arrival.conn, at: arrival.time)
        }
        try output.reject(
            arrival.frame.bytes, counter: fault.isRetired ? "retired_shape" : "malformed_\(type.name)",
            message: "\(type.name): \(fault.message)", at: arrival.time)
        let reason = "malformed \(type.name): \(fault.message)"
        switch type.channel {
        case .book:
            if let ticker {
                if let market = registry.find(ticker) { try breaks.lose(market, reason, arrival) }
            } else {
                try breaks.loseAll(of: arrival.sid, on: arrival.connection, reason, since: arrival.since, at: arrival.time)
            }
        case .trade where channels.contains(.trade), .lifecycle where channels.contains(.lifecycle):
            try breaks.tellLost(reason, arrival)
        case .fill where channels.contains(.own), .userOrders where channels.contains(.own), .marketPositions where channels.contains(.own):
            try breaks.tellLost(reason, arrival)
        case .trade, .lifecycle, .ticker, .fill, .userOrders, .marketPositions, .other, nil:
            break
        }
    }

    private func countUnread(_ type: KalshiMessageType) {
        let isMapped = type.channel.map { !$0.option.isSubset(of: .own) } ?? false
        output.counters.add(isMapped ? "unwanted_\(type.name)" : "unmapped_\(type.name)")
    }

    private func take(_ trade: KalshiTradeMessage, _ arrival: KalshiArrival) throws {
        guard tradeMemory.take(trade.id, at: trade.time ?? arrival.time) else { return output.counters.add("duplicate_trades") }
        if let oddity = trade.oddity { try output.drift("\(oddity)", conn: arrival.conn, at: arrival.time) }
        try output.trade(
            registry.market(trade.ticker, trade.market).instrument,
            Trade(price: trade.price, size: trade.size, aggressor: trade.aggressor, id: trade.id),
            conn: arrival.conn, received: arrival.time, venueTime: trade.time)
    }

    /// Whether a message about a market's life is none that another connection has brought.
    func isNews(_ message: KalshiMarketLifecycle, _ arrival: KalshiArrival) -> Bool {
        var key = MessageKey()
        key.add(message.ticker)
        key.add(message.eventType)
        if let result = message.result { key.add(result) }
        for moment in [message.opens, message.closes, message.determined, message.settled] {
            key.add(UInt64(bitPattern: moment?.micros ?? -1))
        }
        return lifecycleRing.takeAlone(key.value, from: arrival.conn)
    }

    private func isNews(_ message: KalshiTickerMessage, _ market: KalshiMarket, _ arrival: KalshiArrival) -> Bool {
        guard hasCopies else {
            market.tickerRing = nil
            return true
        }
        var key = MessageKey()
        for number in [
            message.lastPrice?.millionths ?? -1, message.volume.millionths, message.openInterest.millionths, message.bid.price.millionths,
            message.bid.size.millionths, message.ask.price.millionths, message.ask.size.millionths, message.time?.micros ?? -1,
        ] { key.add(UInt64(bitPattern: number)) }
        var ring = market.tickerRing ?? CopyRing(dropsRepetitions: false)
        market.tickerRing = nil
        defer { market.tickerRing = ring }
        return ring.takeAlone(key.value, from: arrival.conn)
    }

    private func take(_ message: KalshiTickerMessage, _ arrival: KalshiArrival) throws {
        let market = registry.market(message.ticker)
        guard isNews(message, market, arrival) else { return output.counters.count("copies") }
        let ticker = Ticker(
            lastPrice: message.lastPrice, volume: message.volume, openInterest: message.openInterest,
            bid: message.bid.size > .zero ? Quote(message.bid) : nil, ask: message.ask.size > .zero ? Quote(message.ask) : nil)
        try output.ticker(
            market.instrument, ticker, conn: arrival.conn, received: arrival.time,
            venueTime: message.time)
    }
}
