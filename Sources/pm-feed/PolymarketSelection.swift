import FeedSession
import UnixTool

/// The MARKET arguments: which instruments are shown.
struct PolymarketSelection: Sendable {
    /// Condition ids, token ids and slugs of markets and events: no two of these can be mistaken for one another.
    private var names: Set<String> = []
    /// Slugs of events.
    private var events: Set<String> = []

    /// Whatever was asked for or stands in the recording.
    static let everything = PolymarketSelection()

    private init() {}

    init(_ arguments: [String]) throws(ToolFailure) {
        for argument in arguments { try add(argument) }
    }

    private mutating func add(_ argument: String) throws(ToolFailure) {
        if argument.hasPrefix("event:") {
            events.insert(String(argument.dropFirst(6)))
        } else if argument.contains("/") {
            try add(url: argument)
        } else if argument.isEmpty {
            throw ToolFailure(.usage, "MARKET is empty; give a slug, condition id or token id")
        } else {
            // The venue spells condition ids in small letters.
            names.insert(argument.hasPrefix("0x") ? argument.lowercased() : argument)
        }
    }

    /// `https://polymarket.com/event/EVENT`, `…/event/EVENT/MARKET`, `…/market/MARKET`.
    private mutating func add(url: String) throws(ToolFailure) {
        let path = url.prefix { $0 != "?" && $0 != "#" }.split(separator: "/").map(String.init)
        guard let kind = path.firstIndex(where: { $0 == "event" || $0 == "market" }), path.count > kind + 1 else {
            throw ToolFailure(.usage, "'\(url)' is no polymarket.com event or market; copy the page's address")
        }
        if path[kind] == "event", path.count == kind + 2 { events.insert(path[kind + 1]) } else { names.insert(path[path.count - 1]) }
    }

    /// Whether an instrument's lines go out.
    func includes(_ instrument: FeedInstrument) -> Bool {
        if names.isEmpty && events.isEmpty { return true }
        if names.contains(instrument.id) || names.contains(instrument.market) { return true }
        if let slug = instrument.facts.slug, names.contains(slug) { return true }
        return instrument.facts.event.map { events.contains($0) || names.contains($0) } ?? false
    }
}
