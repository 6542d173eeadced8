import UnixTool

/// Fires when one of two linked instruments has moved and the other has not followed.
///
/// At a moment `t` the mid of one has moved by `min_move` within the last `window`; best bid and best ask of the other have been the same
/// since `t - window`, and still are `lag` later, when the first is still as far away. Then, at `t + lag`, it is told.
struct StaleQuoteStrategy: GroupStrategy {
    static let name = "stale_quote"
    let windowMicros: Int64
    /// Millionths of a dollar.
    let minMove: Int64
    let lagMicros: Int64

    init(_ reader: inout RuleReader) throws(ToolFailure) {
        windowMicros = try reader.requireSpan("window", least: 1)
        minMove = try reader.requireDecimal(
            "min_move", in: 1...1_000_000, expectation: "a move in dollars above 0 and up to 1, such as 0.05")
        lagMicros = try reader.requireSpan("lag", least: 1)
    }

    var source: GroupSource { .links }
    var task: GroupTask { .laggard(self) }

    var values: [String: RuleValue] {
        ["lag_us": .integer(lagMicros), "min_move": .millionths(minMove), "window_us": .integer(windowMicros)]
    }

    var summary: String {
        "one of two linked instruments moves by \(ExactText.millionths(minMove)) within \(Durations.text(windowMicros)) "
            + "and the other stands still for \(Durations.text(lagMicros))"
    }
}
