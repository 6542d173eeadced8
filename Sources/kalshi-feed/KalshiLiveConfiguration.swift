import FeedSession
import UnixTool
import WebSocketClient

/// What a live session of `kalshi-feed` asks for, and of whom.
struct KalshiLiveConfiguration: Sendable {
    let address: WebSocketAddress
    let questions: KalshiQuestions
    let arguments: [String]
    let marketsPath: String?
    let isAll: Bool
    let topCount: Int?
    let shard: MarketShard
    let marketsPerSocket: Int
    let isUser: Bool

    init(_ options: KalshiOptions, _ settings: inout Settings) throws(ToolFailure) {
        let isDemo = try settings.bool("demo", flag: options.demo)
        let hosts =
            isDemo
            ? ("external-api-ws.demo.kalshi.co", "external-api.demo.kalshi.co") : ("external-api-ws.kalshi.com", "external-api.kalshi.com")
        let wsURL = try settings.text("ws-url", flag: options.wsURL, default: "wss://\(hosts.0)/trade-api/ws/v2")
        do {
            address = try WebSocketAddress(wsURL)
        } catch {
            throw ToolFailure(.configuration, "ws-url '\(wsURL)': \(error)")
        }
        questions = KalshiQuestions(base: try KalshiLiveConfiguration.restURL(options, "https://\(hosts.1)/trade-api/v2", &settings))
        arguments = options.markets
        marketsPath = try settings.optionalText("markets-file", flag: options.marketsFile)
        isAll = try settings.bool("all", flag: options.all)
        topCount = try settings.optionalCount("top", flag: options.top, least: 1).map { Int($0) }
        shard = try settings.value(
            "shard", flag: options.shard, default: .whole, defaultText: "1/1", expectation: "K/N, such as 1/3, with K from 1 to N",
            MarketShard.init)
        marketsPerSocket = Int(
            clamping: try settings.count("markets-per-socket", flag: options.marketsPerSocket, default: 50_000, least: 1))
        isUser = try settings.bool("user", flag: options.user)
    }

    private static func restURL(_ options: KalshiOptions, _ usual: String, _ settings: inout Settings) throws(ToolFailure) -> String {
        let text = try settings.value(
            "rest-url", flag: options.restURL, default: usual, defaultText: usual, expectation: "an https:// address without a query"
        ) { text in (text.hasPrefix("https://") || text.hasPrefix("http://")) && !text.contains("?") ? text : nil }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    /// Whether anything is asked for at all.
    var isEmpty: Bool { hasNoMarkets && !isUser }

    /// Whether only own channels are asked for.
    var hasNoMarkets: Bool { arguments.isEmpty && marketsPath == nil && !isAll && topCount == nil }

    /// What is asked for now: the arguments, the file as it stands, and the listings.
    func wishes() throws(ToolFailure) -> [KalshiWish] {
        var wishes: [KalshiWish] = []
        for argument in arguments { wishes.append(try KalshiWish(argument)) }
        if let marketsPath {
            for argument in try MarketsFile.read(marketsPath) { wishes.append(try KalshiWish(argument)) }
        }
        if isAll { wishes.append(.all) }
        if let topCount { wishes.append(.top(topCount)) }
        return wishes
    }
}
