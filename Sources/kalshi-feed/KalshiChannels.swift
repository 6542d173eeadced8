import JSON

/// What goes out: a set of the venue's channels, as `--channels` names them.
struct KalshiChannels: OptionSet, Sendable {
    let rawValue: UInt8

    static let book = KalshiChannels(rawValue: 1)
    static let trade = KalshiChannels(rawValue: 2)
    static let ticker = KalshiChannels(rawValue: 4)
    static let lifecycle = KalshiChannels(rawValue: 8)
    /// `--user`: own fills, orders and positions.
    static let own = KalshiChannels(rawValue: 16)
    static let usual: KalshiChannels = [.book, .trade, .lifecycle]

    init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Reads names with commas between; nil if one is unknown or there is none.
    init?(_ text: String) {
        var channels: KalshiChannels = []
        for name in text.split(separator: ",", omittingEmptySubsequences: false) {
            switch name {
            case "book": channels.insert(.book)
            case "trade": channels.insert(.trade)
            case "ticker": channels.insert(.ticker)
            case "lifecycle": channels.insert(.lifecycle)
            default: return nil
            }
        }
        self = channels
    }
}

/// A channel of the venue, as far as this feed tells them apart. Source: venues dossier §3.
enum KalshiChannel: UInt8, Sendable {
    case book, trade, ticker, lifecycle
    case fill, userOrders, marketPositions
    /// Other private channels, reference prices, and whatever comes next.
    case other

    /// From the venue's name.
    init(_ name: JSONText) {
        if name.isEqual(to: "orderbook_delta") {
            self = .book
        } else if name.isEqual(to: "trade") {
            self = .trade
        } else if name.isEqual(to: "ticker") {
            self = .ticker
        } else if name.isEqual(to: "market_lifecycle_v2") || name.isEqual(to: "multivariate_market_lifecycle") {
            self = .lifecycle
        } else if name.isEqual(to: "fill") {
            self = .fill
        } else if name.isEqual(to: "user_orders") {
            self = .userOrders
        } else if name.isEqual(to: "market_positions") {
            self = .marketPositions
        } else {
            self = .other
        }
    }

    /// The option that shows it; empty for what is never shown.
    var option: KalshiChannels {
        switch self {
        case .book: .book
        case .trade: .trade
        case .ticker: .ticker
        case .lifecycle: .lifecycle
        case .fill, .userOrders, .marketPositions: .own
        case .other: []
        }
    }

    /// The venue's name of a channel that is asked for.
    var wireName: StaticString {
        switch self {
        case .book: "orderbook_delta"
        case .trade: "trade"
        case .ticker: "ticker"
        case .lifecycle: "market_lifecycle_v2"
        case .fill: "fill"
        case .userOrders: "user_orders"
        case .marketPositions: "market_positions"
        case .other: ""
        }
    }

    /// Whether a subscription names markets; the lifecycle of all comes whatever is asked for, and own channels tell of all markets.
    var namesMarkets: Bool { self == .book || self == .trade || self == .ticker }

    /// For reasons in the stream.
    var name: StaticString {
        switch self {
        case .book: "book"
        case .trade: "trade"
        case .ticker: "ticker"
        case .lifecycle: "lifecycle"
        case .fill: "fill"
        case .userOrders: "user_orders"
        case .marketPositions: "market_positions"
        case .other: "another channel"
        }
    }
}
