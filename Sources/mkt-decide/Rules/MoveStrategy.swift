import MarketModel
import UnixTool

/// Fires when the mid has moved by `min_move` within the last `window`, up or down.
///
/// The mid is `(best bid + best ask) / 2`; it is computed doubled, since the middle itself may fall between two millionths. A mid holds
/// until the next one; where a side is empty or the book is crossed there is no mid, and the last one goes on. A mid counts if it held at
/// any moment after `now - window`. After firing the window begins anew with the mid of now; after a break of the feed likewise.
struct MoveStrategy: BookStrategy {
    typealias Memory = MoveWindow

    static let name = "move"
    let windowMicros: Int64
    /// The same for people.
    private let window: String
    /// Millionths of a dollar.
    let minMove: Int64

    init(_ reader: inout RuleReader) throws(ToolFailure) {
        windowMicros = try reader.requireSpan("window", least: 1)
        window = Durations.text(windowMicros)
        minMove = try reader.requireDecimal(
            "min_move", in: 1...1_000_000, expectation: "a move in dollars above 0 and up to 1, such as 0.05")
    }

    var values: [String: RuleValue] { ["min_move": .millionths(minMove), "window_us": .integer(windowMicros)] }

    var summary: String { "the mid moves by \(ExactText.millionths(minMove)) within \(window)" }

    func see(_ sight: BookSight, in _: @autoclosure () -> OrderBook, _ memory: inout MoveWindow) -> Finding? {
        guard let mid = sight.top.doubleMidMillionths, mid != memory.current else { return nil }
        memory.add(mid, at: sight.mark, windowMicros: windowMicros)
        guard let from = memory.farthest, abs(mid - from.doubleMid) >= 2 * minMove else { return nil }
        memory.restart(mid, at: sight.mark)
        return Finding(note(from.doubleMid, mid, ">="), earlier: from.mark)
    }

    func nearMiss(_ sight: BookSight, in _: OrderBook, _ memory: MoveWindow) -> String? {
        guard let mid = memory.current, mid == sight.top.doubleMidMillionths, let from = memory.farthest else { return nil }
        let move = abs(mid - from.doubleMid)
        return move < 2 * minMove && NearMiss.isNear(move, to: 2 * minMove) ? note(from.doubleMid, mid, "<").text : nil
    }

    /// `mid moved 0.055 >= 0.05 within 10s (0.4 to 0.455)`.
    private func note(_ from: Int64, _ to: Int64, _ relation: String) -> Note {
        "mid moved \(half: abs(to - from)) \(relation) \(millionths: minMove) within \(window) (\(half: from) to \(half: to))"
    }
}
