import MarketModel

/// When a frame is drawn, and what is drawn beside the model.
struct TableMoment {
    /// The clock of ages: real for live input, the stream's for a file.
    let now: Timestamp
    /// The second that rates are counted back from: of the clock that lines were counted by.
    let second: Int64
    /// For what happens every so often, whatever the other clock does.
    let monotonicMicros: Int64
    /// Log lines that wait, the newest last.
    var messages: [String] = []
    /// The order of instruments is renewed at once.
    var isLast = false
}
