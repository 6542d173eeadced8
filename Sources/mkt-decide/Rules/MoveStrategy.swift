import MarketModel
import UnixTool

/// Fires when the mid has moved by `min_move` within the last `window`, up or down.
///
/// The mid is `(best bid + best ask) / 2`; it is computed doubled, since the middle itself may fall between two millionths. A mid holds
/// until the next one; where a side is empty or the book is crossed there is no mid, and the last one goes on. A mid counts if it held at
/// any moment after `now - window`. After firing the window begins anew with the mid of now; after a break of the feed likewise.
struct MoveStrategy: BookStrategy {
    struct Memory: StrategyMemory {
        /// The number of the book's history; -1 before the first sight.
        fileprivate var number: Int32 = -1
        /// The mids that count.
        fileprivate var cursor = MidCursor()

        var history: Int? { number < 0 ? nil : Int(number) }
    }

    static let name = "move"
    let windowMicros: Int64
    /// The same for people.
    private let window: ShortText
    /// Millionths of a dollar.
    let minMove: Int64

    init(_ reader: inout RuleReader) throws(ToolFailure) {
        windowMicros = try reader.requireSpan("window", least: 1)
        window = ShortText(Durations.text(windowMicros))
        minMove = try reader.requireDecimal(
            "min_move", in: 1...1_000_000, expectation: "a move in dollars above 0 and up to 1, such as 0.05")
    }

    var values: [String: RuleValue] { ["min_move": .millionths(minMove), "window_us": .integer(windowMicros)] }

    var summary: String { "the mid moves by \(ExactText.millionths(minMove)) within \(window.text)" }

    var keptMidsMicros: Int64? { windowMicros }

    func see(_ slot: BookSlot, _ memory: inout Memory) -> Finding? {
        if memory.number < 0 { begin(&memory, slot) }
        let history = slot.history(Int(memory.number))
        // A mid that was there before is none that moves.
        guard let mid = history.pointee.last, mid.mark.seq == slot.mark.seq else { return nil }
        history.pointee.advance(&memory.cursor, windowMicros: windowMicros)
        guard let farthest = history.pointee.farthestMid(memory.cursor), abs(mid.doubleMid - farthest) >= 2 * minMove,
            let from = history.pointee.farthest(memory.cursor)
        else { return nil }
        memory.cursor = history.pointee.now
        // Since the book became known, all its lines are of one connection.
        let earlier = BookMark(conn: slot.mark.conn, seq: from.mark.seq, received: from.mark.received)
        return Finding(note(from.doubleMid, mid.doubleMid, ">="), earlier: earlier)
    }

    private func begin(_ memory: inout Memory, _ slot: BookSlot) {
        memory.number = Int32(slot.newestHistory)
        memory.cursor = slot.history(slot.newestHistory).pointee.start
    }

    func nearMiss(_ slot: BookSlot, _ memory: Memory) -> String? {
        guard let number = memory.history, let mid = slot.history(number).pointee.last?.doubleMid,
            mid == slot.top.doubleMidMillionths, let from = slot.history(number).pointee.farthest(memory.cursor)
        else { return nil }
        let move = abs(mid - from.doubleMid)
        return move < 2 * minMove && NearMiss.isNear(move, to: 2 * minMove) ? note(from.doubleMid, mid, "<").text : nil
    }

    /// `mid moved 0.055 >= 0.05 within 10s (0.4 to 0.455)`.
    private func note(_ from: Int64, _ to: Int64, _ relation: StaticString) -> Note {
        "mid moved \(half: abs(to - from)) \(relation) \(millionths: minMove) within \(window) (\(half: from) to \(half: to))"
    }
}
