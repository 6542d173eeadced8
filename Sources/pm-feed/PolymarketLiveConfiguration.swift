import FeedSession
import UnixTool
import WebSocketClient

/// What a live session of `pm-feed` asks for, and of whom.
struct PolymarketLiveConfiguration: Sendable {
    let address: WebSocketAddress
    let questions: PolymarketQuestions
    let arguments: [String]
    let marketsPath: String?
    let isAll: Bool
    let topCount: Int?
    let shard: MarketShard
    /// The user channel; nil without `--user`.
    let userAddress: WebSocketAddress?

    init(_ options: PolymarketOptions, _ settings: inout Settings) throws(ToolFailure) {
        let wsURL = try settings.text(
            "ws-url", flag: options.wsURL, default: "wss://ws-subscriptions-clob.polymarket.com/ws/market")
        do {
            address = try WebSocketAddress(wsURL)
        } catch {
            throw ToolFailure(.configuration, "ws-url '\(wsURL)': \(error)")
        }
        questions = PolymarketQuestions(
            clob: try PolymarketLiveConfiguration.url("clob-url", options.clobURL, "https://clob.polymarket.com", &settings),
            gamma: try PolymarketLiveConfiguration.url("gamma-url", options.gammaURL, "https://gamma-api.polymarket.com", &settings))
        arguments = options.markets
        marketsPath = try settings.optionalText("markets-file", flag: options.marketsFile)
        isAll = try settings.bool("all", flag: options.all)
        topCount = try settings.optionalCount("top", flag: options.top, least: 1).map { Int($0) }
        shard = try settings.value(
            "shard", flag: options.shard, default: .whole, defaultText: "1/1", expectation: "K/N, such as 1/3, with K from 1 to N",
            MarketShard.init)
        let userURL = try settings.optionalText("user-url", flag: options.userURL)
        userAddress = try settings.bool("user", flag: options.user) ? PolymarketLiveConfiguration.userAddress(userURL, wsURL) : nil
    }

    /// The venue has the user channel beside the market channel (dossier §0).
    private static func userAddress(_ userURL: String?, _ wsURL: String) throws(ToolFailure) -> WebSocketAddress {
        guard let text = userURL ?? (wsURL.hasSuffix("/market") ? wsURL.dropLast(6) + "user" : nil) else {
            throw ToolFailure(
                .configuration, "ws-url does not end in /market, so that the user channel cannot be told from it; give --user-url")
        }
        do {
            return try WebSocketAddress(text)
        } catch {
            throw ToolFailure(.configuration, "user-url '\(text)': \(error)")
        }
    }

    private static func url(_ key: String, _ flag: String?, _ production: String, _ settings: inout Settings) throws(ToolFailure) -> String
    {
        let text = try settings.value(
            key, flag: flag, default: production, defaultText: production, expectation: "an https:// address without a query"
        ) { text in text.hasPrefix("https://") || text.hasPrefix("http://") ? text : nil }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    /// Whether anything is asked for at all.
    var isEmpty: Bool { hasNoMarkets && userAddress == nil }

    /// Whether only the user channel is asked for.
    var hasNoMarkets: Bool { arguments.isEmpty && marketsPath == nil && !isAll && topCount == nil }

    /// Whether more may be asked for than the arguments name: then all that was asked for is shown.
    var isOpenEnded: Bool { marketsPath != nil || isAll || topCount != nil || arguments.contains { $0.hasPrefix("tag:") } }

    /// What is asked for now: the arguments, the file as it stands, and the listings.
    func wishes() throws(ToolFailure) -> [PolymarketWish] {
        var wishes: [PolymarketWish] = []
        for argument in arguments { wishes.append(try PolymarketWish(argument)) }
        if let marketsPath {
            for argument in try MarketsFile.read(marketsPath) { wishes.append(try PolymarketWish(argument)) }
        }
        if isAll { wishes.append(.all) }
        if let topCount { wishes.append(.top(topCount)) }
        return wishes
    }
}
