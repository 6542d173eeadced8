import UnixTool

/// What a MARKET argument asks for.
enum KalshiWish: Hashable, Sendable {
    case ticker(String)
    case event(String)
    case series(String)
    /// The end of a page's address: an event or a market.
    case page(String)
    /// `--all`.
    case all
    /// `--top N`.
    case top(Int)

    /// Reads one argument: a ticker, a kalshi.com address, `event:TICKER` or `series:TICKER`.
    init(_ argument: String) throws(ToolFailure) {
        if argument.contains("://") || argument.lowercased().hasPrefix("kalshi.com/") {
            self = try KalshiWish.wish(page: argument)
            return
        }
        let (kind, name) = argument.firstIndex(of: ":").map { (argument[..<$0], argument[$0...].dropFirst()) } ?? ("", argument[...])
        let isTicker = KalshiWish.isTicker(name)
        if isTicker, kind == "event" {
            self = .event(String(name))
        } else if isTicker, kind == "series" {
            self = .series(String(name))
        } else if isTicker, kind.isEmpty, name == argument {
            self = .ticker(argument)
        } else {
            throw ToolFailure(
                .usage, "MARKET '\(argument)' is no ticker; give one, a kalshi.com URL, event:TICKER or series:TICKER")
        }
    }

    /// Letters, digits, `-`, `.` and `_`: tickers hold points (`KXBTCD-26SEP2516-T83399.99`), and need no escapes in frames and addresses.
    static func isTicker(_ name: Substring) -> Bool {
        !name.isEmpty && name.utf8.count <= 200 && name.utf8.allSatisfy { isTickerByte($0) }
    }

    private static func isTickerByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// `https://kalshi.com/markets/SERIES[/words[/EVENT-OR-MARKET]]`, `…/events/EVENT`; in addresses tickers are in small letters.
    private static func wish(page url: String) throws(ToolFailure) -> KalshiWish {
        let address = url.split(whereSeparator: { $0 == "?" || $0 == "#" }).first ?? ""
        let parts = address.split(separator: "/").map { $0.uppercased() }
        let isKalshi = parts.contains { $0 == "KALSHI.COM" || $0.hasSuffix(".KALSHI.COM") }
        guard isKalshi, let kind = parts.firstIndex(where: { ["MARKETS", "EVENTS", "MARKET"].contains($0) }), parts.count > kind + 1,
            let last = parts.last, isTicker(last[...])
        else { throw ToolFailure(.usage, "'\(url)' is no kalshi.com market; copy the page's address") }
        let isSeries = parts[kind] == "MARKETS" && parts.count <= kind + 3
        guard !isSeries else {
            guard isTicker(parts[kind + 1][...]) else {
                throw ToolFailure(.usage, "'\(url)' is no kalshi.com market; copy the page's address")
            }
            return .series(parts[kind + 1])
        }
        return .page(last)
    }

    /// Whether markets that are made later may be meant.
    var isOpenEnded: Bool {
        switch self {
        case .event, .series, .page, .all: true
        case .ticker, .top: false
        }
    }

    /// Whether a market is meant, by what is known of it or by how its ticker begins.
    func includes(ticker: String, event: String?, series: String) -> Bool {
        switch self {
        case .ticker(let name): ticker == name
        case .event(let name): event == name || ticker.hasPrefix(name + "-")
        case .series(let name): series == name || ticker.hasPrefix(name + "-")
        case .page(let name): ticker == name || event == name || ticker.hasPrefix(name + "-")
        case .all: true
        case .top: false
        }
    }

    /// As people typed it.
    var words: String {
        switch self {
        case .ticker(let name), .page(let name): name
        case .event(let name): "event:\(name)"
        case .series(let name): "series:\(name)"
        case .all: "--all"
        case .top(let count): "--top \(count)"
        }
    }
}
