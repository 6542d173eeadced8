import UnixTool

/// What a MARKET argument asks for.
enum PolymarketWish: Hashable, Sendable {
    case token(String)
    case condition(String)
    /// A market, or an event where no market is called so.
    case slug(String)
    case event(String)
    case tag(String)
    /// `--all`.
    case all
    /// `--top N`.
    case top(Int)

    /// Reads one argument: a token id, a condition id, a polymarket.com address, `event:SLUG`, `tag:NAME`, or a slug.
    init(_ argument: String) throws(ToolFailure) {
        if PolymarketListing.isToken(argument), argument.utf8.count >= 20 {
            self = .token(argument)
        } else if argument.hasPrefix("0x") {
            self = .condition(try PolymarketWish.conditionID(argument))
        } else if argument.hasPrefix("event:") {
            self = .event(try PolymarketWish.name(argument.dropFirst(6), argument))
        } else if argument.hasPrefix("tag:") {
            self = .tag(try PolymarketWish.name(argument.dropFirst(4), argument))
        } else if argument.contains("/") {
            self = try PolymarketWish.page(argument)
        } else {
            self = .slug(try PolymarketWish.name(argument[...], argument))
        }
    }

    /// Its length is the venue's business: ids of 31 bytes exist.
    private static func conditionID(_ text: String) throws(ToolFailure) -> String {
        let digits = text.dropFirst(2)
        guard !digits.isEmpty, digits.utf8.count <= 128, digits.utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else {
            throw ToolFailure(.usage, "MARKET '\(text)' is no condition id; copy it whole: 0x and hexadecimal digits")
        }
        return text.lowercased()
    }

    /// A slug: letters, digits, `-`, `_`, `.`.
    private static func name(_ text: Substring, _ argument: String) throws(ToolFailure) -> String {
        let marks = "-_.".utf8
        let isPlain =
            !text.isEmpty
            && text.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || marks.contains(UInt8($0.value)))
            }
        guard isPlain else {
            throw ToolFailure(
                .usage, "MARKET '\(argument)' is no slug, URL, condition id or token id; look for markets with pm-feed --list TEXT")
        }
        return String(text)
    }

    /// `https://polymarket.com/event/EVENT`, `…/event/EVENT/MARKET`, `…/market/MARKET`.
    private static func page(_ url: String) throws(ToolFailure) -> PolymarketWish {
        let path = url.prefix { $0 != "?" && $0 != "#" }.split(separator: "/").map(String.init)
        guard let kind = path.firstIndex(where: { $0 == "event" || $0 == "market" }), path.count > kind + 1 else {
            throw ToolFailure(.usage, "'\(url)' is no polymarket.com event or market; copy the page's address")
        }
        if path[kind] == "event", path.count == kind + 2 { return .event(try name(path[kind + 1][...], url)) }
        return .slug(try name(path[path.count - 1][...], url))
    }

    /// As people typed it.
    var words: String {
        switch self {
        case .token(let token): token
        case .condition(let id): id
        case .slug(let slug): slug
        case .event(let slug): "event:\(slug)"
        case .tag(let name): "tag:\(name)"
        case .all: "--all"
        case .top(let count): "--top \(count)"
        }
    }
}
