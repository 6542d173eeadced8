/// Commands as the wire has them. Tickers hold nothing that wants escaping (`KalshiWish.isTicker`). Source: venues dossier §2.
enum KalshiCommandText {
    /// One channel a command: each answer is then about one thing.
    ///
    /// `use_yes_price` is always given, and true: the venue has announced that this becomes the default and then the only way, so a
    /// flag that one day is ignored changes nothing; and asks need no complement.
    static func subscribe(_ channel: KalshiChannel, tickers: [String], id: Int64) -> String {
        var params = "\"channels\":[\"\(channel.wireName)\"]"
        if channel.namesMarkets { params += ",\"market_tickers\":\(list(tickers)),\"skip_ticker_ack\":true" }
        if channel == .book { params += ",\"use_yes_price\":true" }
        return command("subscribe", params, id)
    }

    static func unsubscribe(sid: Int64, id: Int64) -> String { command("unsubscribe", "\"sids\":[\(sid)]", id) }

    static func deleteMarkets(sid: Int64, tickers: [String], id: Int64) -> String {
        command("update_subscription", "\"sids\":[\(sid)],\"action\":\"delete_markets\",\"market_tickers\":\(list(tickers))", id)
    }

    static func getSnapshot(sid: Int64, tickers: [String], id: Int64) -> String {
        command("update_subscription", "\"sids\":[\(sid)],\"action\":\"get_snapshot\",\"market_tickers\":\(list(tickers))", id)
    }

    static func listSubscriptions(id: Int64) -> String { "{\"id\":\(id),\"cmd\":\"list_subscriptions\"}" }

    private static func command(_ name: String, _ params: String, _ id: Int64) -> String {
        "{\"id\":\(id),\"cmd\":\"\(name)\",\"params\":{\(params)}}"
    }

    private static func list(_ tickers: [String]) -> String { "[" + tickers.map { "\"\($0)\"" }.joined(separator: ",") + "]" }
}
