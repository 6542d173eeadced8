import JSON
import MarketModel
import UnixTool

/// Bars over time of a sum and the part of it that is told apart: decisions and trades, shares that were asked for and shares that came.
struct BarChart {
    enum Kind {
        case decisions, fills
    }

    /// As many bars as the eye takes in.
    private static let barsMax = 72

    let kind: Kind

    func write(_ bars: TimeBuckets<Share>, _ grid: TimeGrid, to buffer: inout ByteBuffer) {
        guard !bars.buckets.isEmpty else { return }
        var bars = bars
        let level = grid.barLevel(barsMax: BarChart.barsMax)
        bars.fold(to: level, of: grid)
        let width = grid.widths[level]
        buffer.append("<figure><figcaption><b>")
        buffer.append(html: title(width))
        buffer.append("</b><small>")
        buffer.append(html: meaning)
        buffer.append("</small><ul class=\"legend\">\n")
        BarChart.appendLegend("whole", words.whole, to: &buffer)
        BarChart.appendLegend("part", words.part, to: &buffer)
        buffer.append("</ul></figcaption>\n")
        draw(bars.buckets, width, grid, to: &buffer)
        buffer.append("</figure>\n")
    }

    private func title(_ width: Int64) -> String {
        let span = BarChart.words(width)
        return kind == .decisions ? "Decisions per \(span)" : "Shares tried and filled per \(span)"
    }

    private var meaning: String {
        switch kind {
        case .decisions: "All rules together."
        case .fills: "All orders together, at the time of the order."
        }
    }

    private var words: (whole: String, part: String) {
        switch kind {
        case .decisions: ("decisions", "of these, trades")
        case .fills: ("shares tried", "of these, filled")
        }
    }

    /// `hour`, `5 seconds`, `2 days`.
    static func words(_ width: Int64) -> String {
        let units: [(word: String, micros: Int64)] = [
            ("day", 86_400_000_000), ("hour", 3_600_000_000), ("minute", 60_000_000), ("second", 1_000_000),
        ]
        for unit in units where width % unit.micros == 0 {
            let count = width / unit.micros
            return count == 1 ? unit.word : "\(count) \(unit.word)s"
        }
        return Durations.text(width)
    }

    private static func appendLegend(_ class: StaticString, _ text: String, to buffer: inout ByteBuffer) {
        buffer.append("<li><svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 28 10\" aria-hidden=\"true\"><rect class=\"")
        buffer.append(`class`)
        buffer.append("\" x=\"8\" width=\"12\" height=\"10\"/></svg>")
        buffer.append(html: text)
        buffer.append("</li>\n")
    }

    private func draw(_ bars: [TimeBuckets<Share>.Bucket], _ width: Int64, _ grid: TimeGrid, to buffer: inout ByteBuffer) {
        // Whole bars at both ends, so that none looks shorter in time than it is.
        let first = Int128(TimeGrid.floor(grid.first, width)) * Int128(width)
        let last = (Int128(TimeGrid.floor(grid.last, width)) + 1) * Int128(width)
        let frame = ChartFrame(
            from: first, to: last, low: 0, high: bars.map(\.content.whole).max() ?? 0, unit: kind == .decisions ? .count : .millionths)
        let id: StaticString = kind == .decisions ? "decisions" : "fills"
        frame.begin(id: id, title: title(width), description: description(bars, width), to: &buffer)
        for bar in bars {
            append("whole", bar.content.whole, bar, width, frame, to: &buffer)
            append("part", bar.content.part, bar, width, frame, to: &buffer)
        }
        ChartFrame.end(&buffer)
    }

    private func append(
        _ class: StaticString, _ value: Int128, _ bar: TimeBuckets<Share>.Bucket, _ width: Int64, _ frame: ChartFrame,
        to buffer: inout ByteBuffer
    ) {
        guard value > 0 else { return }
        let start = Int128(bar.index) * Int128(width)
        let left = frame.times.place(start)
        let right = frame.times.place(start + Int128(width))
        let top = frame.values.place(value)
        let gap = right - left > 60 ? 10 : 0
        ChartFrame.appendBox(
            `class`, x: left + gap, y: top, width: max(right - left - 2 * gap, 5), height: frame.zero - top, words(bar, width),
            to: &buffer)
    }

    private func words(_ bar: TimeBuckets<Share>.Bucket, _ width: Int64) -> String {
        let start = CivilTime(Timestamp(micros: Int64(clamping: Int128(bar.index) * Int128(width)))).short
        let (whole, part) = (amount(bar.content.whole), amount(bar.content.part))
        return "\(BarChart.words(width)) from \(start): \(whole) \(words.whole), \(part) \(words.part)"
    }

    private func amount(_ value: Int128) -> String { kind == .decisions ? Figure.grouped("\(value)") : Figure.exact(value) }

    private func description(_ bars: [TimeBuckets<Share>.Bucket], _ width: Int64) -> String {
        let whole = bars.reduce(Int128(0)) { $0 + $1.content.whole }
        let part = bars.reduce(Int128(0)) { $0 + $1.content.part }
        let most = bars.max { $0.content.whole < $1.content.whole }.map { " The most: \(words($0, width))." } ?? ""
        return "\(amount(whole)) \(words.whole), \(amount(part)) \(words.part), in \(bars.count) bars.\(most)"
    }
}
