import JSON

/// One message of the venue, in the venue's own names. Texts point into the frame.
enum KalshiMessage {
    /// Its levels are in the scratch memory.
    case snapshot(KalshiSnapshot)
    case delta(KalshiDelta)
    case trade(KalshiTradeMessage)
    case ticker(KalshiTickerMessage)
    indirect case marketLifecycle(KalshiMarketLifecycle)
    case eventLifecycle(KalshiEventLifecycle)
    case eventFeeUpdate(KalshiEventFeeUpdate)
    indirect case fill(KalshiFillMessage)
    indirect case order(KalshiOrderMessage)
    case position(KalshiPositionMessage)
    case subscribed(KalshiSubscribed)
    /// Its tickers are in the scratch memory.
    case ok(KalshiOk)
    case error(KalshiErrorAnswer)
    case unsubscribed
    /// Of a known type that no MarketEvent says, or that was not asked for: its inside was checked as JSON only.
    case unread
    /// Legal JSON that is no message of its type. The ticker, where it can be read, says what is spoilt.
    case malformed(KalshiFault, ticker: JSONText?)
}

extension KalshiMessage {
    /// Reads the message of a type off the scanner, which stands before its value.
    static func read(
        _ type: KalshiMessageType, _ scanner: inout JSONScanner, _ scratch: inout KalshiScratch, wanted: KalshiChannels
    ) throws -> KalshiMessage {
        switch type {
        case .orderbookDelta where wanted.contains(.book): return .delta(try KalshiDelta(&scanner, &scratch))
        case .orderbookSnapshot where wanted.contains(.book): return .snapshot(try KalshiSnapshot(&scanner, &scratch))
        case .trade where wanted.contains(.trade): return .trade(try KalshiTradeMessage(&scanner, &scratch))
        case .ticker where wanted.contains(.ticker): return .ticker(try KalshiTickerMessage(&scanner, &scratch))
        case .marketLifecycle: return .marketLifecycle(try KalshiMarketLifecycle(&scanner, &scratch))
        case .eventLifecycle: return .eventLifecycle(try KalshiEventLifecycle(&scanner, &scratch))
        case .eventFeeUpdate: return .eventFeeUpdate(try KalshiEventFeeUpdate(&scanner, &scratch))
        case .fill where wanted.contains(.own): return .fill(try KalshiFillMessage(&scanner, &scratch))
        case .userOrder where wanted.contains(.own): return .order(try KalshiOrderMessage(&scanner, &scratch))
        case .marketPosition where wanted.contains(.own): return .position(try KalshiPositionMessage(&scanner, &scratch))
        case .subscribed: return .subscribed(try KalshiSubscribed(&scanner, &scratch))
        case .ok: return .ok(try KalshiOk(&scanner, &scratch))
        case .error: return .error(try KalshiErrorAnswer(&scanner, &scratch))
        default:
            try scanner.skipValue()
            return type == .unsubscribed ? .unsubscribed : .unread
        }
    }

    /// The `market_ticker` of a message that is otherwise no use.
    static func ticker(of message: JSONText) -> JSONText? {
        var scanner = JSONScanner(message)
        guard (try? scanner.peekKind()) == .object, (try? scanner.beginObject()) != nil else { return nil }
        var ticker: JSONText?
        while let key = try? scanner.nextKey() {
            if key.isEqual(to: "market_ticker"), (try? scanner.peekKind()) == .string {
                ticker = try? scanner.string()
            } else if (try? scanner.skipValue()) == nil {
                return ticker
            }
        }
        return ticker.flatMap { $0.isEmpty ? nil : $0 }
    }
}

extension KalshiMessage {
    /// The market that a message is about, where it is about one.
    var ticker: JSONText? {
        switch self {
        case .snapshot(let snapshot): snapshot.ticker
        case .delta(let delta): delta.ticker
        case .trade(let trade): trade.ticker
        case .ticker(let ticker): ticker.ticker
        case .marketLifecycle(let lifecycle): lifecycle.ticker
        case .malformed(_, let ticker): ticker
        default: nil
        }
    }
}
