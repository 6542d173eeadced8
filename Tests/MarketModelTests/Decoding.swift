import JSON
import MarketModel
import TestSupport

/// A decoder of text that ends at a page which nobody may touch. A class, so that expectations may ask it.
final class Decoding {
    private let page = GuardedPage()
    private var decoder = EventDecoder()

    func decode(_ line: String) throws(EventError) { try decode(Array(line.utf8)) }

    func decode(_ line: [UInt8]) throws(EventError) { try decoder.decodeEvent(page.place(line)) }

    /// The fault of a line, nil if it has none.
    func fault(_ line: String) -> EventError? {
        do {
            try decode(line)
            return nil
        } catch {
            return error
        }
    }

    var kind: EventKind? { decoder.kind }
    var received: Timestamp { decoder.received }
    var bids: [Level] { decoder.bids }
    var asks: [Level] { decoder.asks }
    func has(_ field: EventField) -> Bool { decoder.has(field) }
    func text(_ field: EventField) throws(EventError) -> String? { try decoder.text(field)?.string }
    func requireText(_ field: EventField) throws(EventError) -> String { try decoder.requireText(field).string }
    func integer(_ field: EventField) throws(EventError) -> Int64? { try decoder.integer(field) }
    func millionths(_ field: EventField) throws(EventError) -> Int64? { try decoder.millionths(field) }
    func requirePrice(_ field: EventField) throws(EventError) -> Price { try decoder.requirePrice(field) }
    func requireSize(_ field: EventField) throws(EventError) -> Size { try decoder.requireSize(field) }
    func bool(_ field: EventField) throws(EventError) -> Bool? { try decoder.bool(field) }
    func container(_ field: EventField) throws(EventError) -> String? { try decoder.container(field)?.string }
}

/// A line in pieces, so that a test changes one of them.
struct LineParts {
    var keys: [(key: String, value: String)]

    static let delta = LineParts(keys: [
        ("v", "1"), ("type", "\"book_delta\""), ("feed", "\"kalshi\""), ("venue", "\"kalshi\""), ("market", "\"M\""),
        ("instrument", "\"I\""),
        ("conn", "1"), ("seq", "42"), ("recv_us", "1790363624380012"), ("venue_us", "1790363624342537"), ("bids", "[[0.5,3]]"),
        ("asks", "[[0.6,0],[0.7,1.5]]"),
    ])

    static let trade = LineParts(keys: [
        ("v", "1"), ("type", "\"trade\""), ("feed", "\"pm\""), ("venue", "\"polymarket\""), ("market", "\"M\""), ("instrument", "\"I\""),
        ("recv_us", "5"), ("price", "0.5"), ("size", "3"), ("aggressor_side", "\"buy\""),
    ])

    var line: String { "{" + keys.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}" }

    func with(_ key: String, _ value: String) -> String {
        var copy = self
        if let at = copy.keys.firstIndex(where: { $0.key == key }) { copy.keys[at].value = value } else { copy.keys.append((key, value)) }
        return copy.line
    }

    func without(_ key: String) -> String {
        var copy = self
        copy.keys.removeAll { $0.key == key }
        return copy.line
    }
}
