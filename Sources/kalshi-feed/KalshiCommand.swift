import JSON

/// A command that we sent, as far as the answers to it need it. Source: venues dossier §2.
struct KalshiCommand {
    enum Verb: Equatable {
        case subscribe, unsubscribe, addMarkets, deleteMarkets, getSnapshot
        /// `list_subscriptions`.
        case list
        /// Whatever is about reference prices.
        case other
    }

    var id: Int64 = 0
    var verb = Verb.other
    var channels: [KalshiChannel] = []
    /// Tickers, in the order given.
    var tickers: [String] = []
    /// nil: not said.
    var usesYesPrice: Bool?
    /// Those that it names; for a list, those that were open when it was sent.
    var sids: [Int64] = []

    /// Reads a frame that we sent; nil for what is no command.
    init?(_ frame: JSONText) {
        var scanner = JSONScanner(frame)
        do {
            try scanner.beginObject()
            while let key = try scanner.nextKey() {
                if key.isEqual(to: "id") {
                    id = try scanner.number().integer ?? 0
                } else if key.isEqual(to: "cmd") {
                    let word = try scanner.string()
                    if word.isEqual(to: "subscribe") { verb = .subscribe }
                    if word.isEqual(to: "unsubscribe") { verb = .unsubscribe }
                    if word.isEqual(to: "list_subscriptions") { verb = .list }
                } else if key.isEqual(to: "params") {
                    try readParameters(&scanner)
                } else {
                    try scanner.skipValue()
                }
            }
            try scanner.finish()
        } catch {
            return nil
        }
    }

    private mutating func readParameters(_ scanner: inout JSONScanner) throws(JSONError) {
        try scanner.beginObject()
        while let key = try scanner.nextKey() {
            if key.isEqual(to: "channels") {
                try scanner.beginArray()
                while try scanner.nextElement() { channels.append(KalshiChannel(try scanner.string())) }
            } else if key.isEqual(to: "market_tickers") {
                try scanner.beginArray()
                while try scanner.nextElement() { tickers.append(try scanner.string().string) }
            } else if key.isEqual(to: "market_ticker") {
                tickers.append(try scanner.string().string)
            } else if key.isEqual(to: "use_yes_price") {
                usesYesPrice = try scanner.bool()
            } else if key.isEqual(to: "sids") {
                try scanner.beginArray()
                while try scanner.nextElement() { sids.append(try scanner.number().integer ?? 0) }
            } else if key.isEqual(to: "sid") {
                sids.append(try scanner.number().integer ?? 0)
            } else if key.isEqual(to: "action") {
                verb = KalshiCommand.verb(action: try scanner.string())
            } else {
                try scanner.skipValue()
            }
        }
    }

    private static func verb(action: JSONText) -> Verb {
        if action.isEqual(to: "add_markets") { return .addMarkets }
        if action.isEqual(to: "delete_markets") { return .deleteMarkets }
        return action.isEqual(to: "get_snapshot") ? .getSnapshot : .other
    }
}
