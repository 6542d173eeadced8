import FeedSession
import UnixTool

/// The MARKET arguments: which markets are shown.
struct KalshiSelection: Sendable {
    /// One argument, resolved as far as a recording allows.
    private enum Wish: Sendable {
        case ticker(String)
        case event(String)
        case series(String)
        /// The end of a page's address: an event or a market.
        case page(String)
    }

    private var wishes: [(argument: String, wish: Wish)] = []

    init(_ arguments: [String]) throws(ToolFailure) {
        for argument in arguments { wishes.append((argument, try KalshiSelection.wish(argument))) }
    }

    private static func wish(_ argument: String) throws(ToolFailure) -> Wish {
        if argument.contains("://") || argument.lowercased().hasPrefix("kalshi.com/") { return try page(argument) }
        let (kind, name) = argument.firstIndex(of: ":").map { (argument[..<$0], argument[$0...].dropFirst()) } ?? ("", argument[...])
        let isTicker = !name.isEmpty && name.utf8.allSatisfy { isTickerByte($0) }
        if isTicker, kind == "event" { return .event(String(name)) }
        if isTicker, kind == "series" { return .series(String(name)) }
        if isTicker, kind.isEmpty, name == argument { return .ticker(argument) }
        throw ToolFailure(
            .usage, "MARKET '\(argument)' is no ticker; give one, a kalshi.com URL, event:TICKER or series:TICKER")
    }

    /// Letters, digits, `-`, `.` and `_`: tickers hold points (`KXBTCD-26SEP2516-T83399.99`).
    private static func isTickerByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// `https://kalshi.com/markets/SERIES[/words[/EVENT-OR-MARKET]]`, `…/events/EVENT`; in addresses tickers are in small letters.
    private static func page(_ url: String) throws(ToolFailure) -> Wish {
        let address = url.split(whereSeparator: { $0 == "?" || $0 == "#" }).first ?? ""
        let parts = address.split(separator: "/").map { $0.uppercased() }
        let isKalshi = parts.contains { $0 == "KALSHI.COM" || $0.hasSuffix(".KALSHI.COM") }
        guard isKalshi, let kind = parts.firstIndex(where: { ["MARKETS", "EVENTS", "MARKET"].contains($0) }), parts.count > kind + 1,
            let last = parts.last, last.utf8.allSatisfy({ isTickerByte($0) })
        else { throw ToolFailure(.usage, "'\(url)' is no kalshi.com market; copy the page's address") }
        let isSeries = parts[kind] == "MARKETS" && parts.count <= kind + 3
        return isSeries ? .series(parts[kind + 1]) : .page(last)
    }

    var isEmpty: Bool { wishes.isEmpty }

    /// Whether a market's lines go out: by what is known of it, or by how its ticker begins.
    func includes(_ market: KalshiMarket) -> Bool {
        wishes.isEmpty || wishes.contains { KalshiSelection.matches($0.wish, market) }
    }

    private static func matches(_ wish: Wish, _ market: KalshiMarket) -> Bool {
        let id = market.instrument.id
        switch wish {
        case .ticker(let ticker): return id == ticker
        case .event(let event): return market.instrument.facts.event == event || id.hasPrefix(event + "-")
        case .series(let series): return market.series == series || id.hasPrefix(series + "-")
        case .page(let name): return id == name || market.instrument.facts.event == name || id.hasPrefix(name + "-")
        }
    }

    /// Arguments that no market has met.
    func unmatched(_ markets: [KalshiMarket]) -> [String] {
        wishes.filter { entry in !markets.contains { KalshiSelection.matches(entry.wish, $0) } }.map(\.argument)
    }
}
