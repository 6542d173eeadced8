import JSON

/// The frame of a chart over time: where values and times are, grid, ticks, labels, and what it shows in words.
///
/// Places are tenths of a pixel in a drawing of 960 pixels' width.
struct ChartFrame {
    private static let left = 900
    private static let right = 9320
    private static let top = 120
    private static let bottom = 2400
    private static let height = 2800
    private static let width = 9600

    let times: LinearScale
    let values: LinearScale
    private let valueTicks: RoundTicks
    private let timeTicks: [TimeTicks.Tick]
    private let unit: Unit

    /// What the values are.
    enum Unit {
        /// Millionths of dollars or shares.
        case millionths
        /// Whole things.
        case count
    }

    /// - Parameters:
    ///   - first, last: Microseconds; a span of nothing is widened to a second.
    ///   - low, high: The least and the greatest value; the axis always has zero.
    init(from first: Int128, to last: Int128, low: Int128, high: Int128, unit: Unit) {
        let isPoint = first == last
        let (start, end) = isPoint ? (first - 500_000, last + 500_000) : (first, last)
        times = LinearScale(low: start, high: end, start: ChartFrame.left, end: ChartFrame.right)
        timeTicks = TimeTicks(from: Int64(clamping: start), to: Int64(clamping: end)).ticks
        valueTicks = RoundTicks(from: min(low, 0), to: max(high, 0))
        values = LinearScale(low: valueTicks.low, high: valueTicks.high, start: ChartFrame.bottom, end: ChartFrame.top)
        self.unit = unit
    }

    /// Where zero is.
    var zero: Int { values.place(0) }

    /// Opens the drawing. `id` is a word of ours; title and description are text.
    func begin(id: StaticString, title: String, description: String, to buffer: inout ByteBuffer) {
        ChartFrame.begin(id: id, number: nil, height: ChartFrame.height, title: title, description: description, to: &buffer)
        buffer.append("<path class=\"g\" d=\"")
        for tick in valueTicks.ticks where tick != 0 { appendLine(at: values.place(tick), to: &buffer) }
        for tick in timeTicks {
            buffer.append("M")
            buffer.append(tenths: times.place(Int128(tick.time)))
            buffer.append(" 240v5")
        }
        buffer.append("\"/><path class=\"z\" d=\"")
        appendLine(at: zero, to: &buffer)
        buffer.append("\"/>\n")
        for tick in valueTicks.ticks {
            ChartFrame.appendText("y", x: ChartFrame.left - 80, y: values.place(tick) + 40, label(tick), to: &buffer)
        }
        for tick in timeTicks {
            // The last label must not hang over the edge.
            let x = min(times.place(Int128(tick.time)), ChartFrame.width - 20 - tick.label.utf8.count * 35)
            ChartFrame.appendText("x", x: x, y: ChartFrame.bottom + 190, tick.label, to: &buffer)
            if let date = tick.date { ChartFrame.appendText("x", x: x, y: ChartFrame.bottom + 340, date, to: &buffer) }
        }
    }

    private func label(_ value: Int128) -> String {
        switch unit {
        case .millionths: Figure.exact(value)
        case .count: Figure.grouped("\(value)")
        }
    }

    private func appendLine(at y: Int, to buffer: inout ByteBuffer) {
        buffer.append("M")
        buffer.append(tenths: ChartFrame.left)
        buffer.append(" ")
        buffer.append(tenths: y)
        buffer.append("H")
        buffer.append(tenths: ChartFrame.right)
    }

    // MARK: Any drawing

    /// - Parameter number: Behind the id, where there are several drawings of a kind.
    static func begin(
        id: StaticString, number: Int?, height: Int, title: String, description: String, to buffer: inout ByteBuffer
    ) {
        buffer.append("<div class=\"chart\" tabindex=\"0\"><svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 960 ")
        buffer.append(tenths: height)
        buffer.append("\" role=\"img\" aria-labelledby=\"")
        appendID(id, number, "-t ", to: &buffer)
        appendID(id, number, "-d\"><title id=\"", to: &buffer)
        appendID(id, number, "-t\">", to: &buffer)
        buffer.append(html: title)
        buffer.append("</title><desc id=\"")
        appendID(id, number, "-d\">", to: &buffer)
        buffer.append(html: description)
        buffer.append("</desc>\n")
    }

    private static func appendID(_ id: StaticString, _ number: Int?, _ rest: StaticString, to buffer: inout ByteBuffer) {
        buffer.append(id)
        if let number { buffer.append(integer: Int64(number)) }
        buffer.append(rest)
    }

    static func end(_ buffer: inout ByteBuffer) { buffer.append("</svg></div>\n") }

    static func appendText(_ class: StaticString, x: Int, y: Int, _ text: String, to buffer: inout ByteBuffer) {
        buffer.append("<text class=\"")
        buffer.append(`class`)
        buffer.append("\" x=\"")
        buffer.append(tenths: x)
        buffer.append("\" y=\"")
        buffer.append(tenths: y)
        buffer.append("\">")
        buffer.append(html: text)
        buffer.append("</text>\n")
    }

    static func appendBox(_ class: StaticString, x: Int, y: Int, width: Int, height: Int, _ title: String, to buffer: inout ByteBuffer) {
        buffer.append("<rect class=\"")
        buffer.append(`class`)
        buffer.append("\" x=\"")
        buffer.append(tenths: x)
        buffer.append("\" y=\"")
        buffer.append(tenths: y)
        buffer.append("\" width=\"")
        buffer.append(tenths: width)
        buffer.append("\" height=\"")
        buffer.append(tenths: height)
        buffer.append("\"><title>")
        buffer.append(html: title)
        buffer.append("</title></rect>\n")
    }
}
