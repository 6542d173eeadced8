import JSON

/// Bars side by side for the variants of a sweep: what each account came to, or how often each decided where there are no accounts.
struct RankChart {
    private static let barsMax = 40
    private static let left = 3200
    private static let right = 8400
    private static let rowHeight = 200

    private struct Bar {
        let name: String
        let value: Int128
    }

    private let base: String
    private let isMoney: Bool
    private let bars: [Bar]
    private let leftOut: Int

    /// - Parameter sweep: In the order of the table.
    init(base: String, _ sweep: [RuleTally]) {
        self.base = base
        isMoney = sweep.contains { $0.pnl != nil }
        let isMoney = isMoney
        let all = sweep.compactMap { rule in
            (isMoney ? rule.pnl : Int128(rule.decisions)).map { Bar(name: VariantName(rule.name)?.settings ?? rule.name, value: $0) }
        }
        let places = all.indices.sorted { (all[$0].value.magnitude, $1) > (all[$1].value.magnitude, $0) }
        bars = places.prefix(RankChart.barsMax).sorted().map { all[$0] }
        leftOut = all.count - bars.count
    }

    /// - Parameter number: Of the sweep on the page.
    func write(number: Int, to buffer: inout ByteBuffer) {
        let title = "\(isMoney ? "P&L" : "Decisions") of the variants of \(CutText.cut(base, 80))"
        buffer.append("<figure><figcaption><b>")
        buffer.append(html: title)
        buffer.append("</b><small>")
        buffer.append(isMoney ? "Dollars." : "How many.")
        if leftOut > 0 { buffer.append(html: " The \(bars.count) largest of \(bars.count + leftOut), by size whether gain or loss.") }
        buffer.append("</small></figcaption>\n")
        let values = bars.map(\.value)
        let ticks = RoundTicks(from: min(values.min() ?? 0, 0), to: max(values.max() ?? 0, 0))
        let scale = LinearScale(low: ticks.low, high: ticks.high, start: RankChart.left, end: RankChart.right)
        let bottom = 60 + bars.count * RankChart.rowHeight
        ChartFrame.begin(id: "sweep", number: number, height: bottom + 260, title: title, description: description, to: &buffer)
        draw(ticks, scale, bottom, to: &buffer)
        ChartFrame.end(&buffer)
        buffer.append("</figure>\n")
    }

    private func draw(_ ticks: RoundTicks, _ scale: LinearScale, _ bottom: Int, to buffer: inout ByteBuffer) {
        for tick in ticks.ticks {
            buffer.append(tick == 0 ? "<path class=\"z\" d=\"M" : "<path class=\"g\" d=\"M")
            buffer.append(tenths: scale.place(tick))
            buffer.append(" 4V")
            buffer.append(tenths: bottom)
            buffer.append("\"/>")
            ChartFrame.appendText("x", x: scale.place(tick), y: bottom + 180, amount(tick), to: &buffer)
        }
        for (row, bar) in bars.enumerated() {
            let y = 60 + row * RankChart.rowHeight
            let (zero, place) = (scale.place(0), scale.place(bar.value))
            let name = CutText.cut(bar.name, 44)
            ChartFrame.appendText("y", x: RankChart.left - 80, y: y + 130, name, to: &buffer)
            ChartFrame.appendBox(
                bar.value < 0 ? "loss" : "gain", x: min(zero, place), y: y + 20, width: max(abs(place - zero), 5),
                height: RankChart.rowHeight - 50, "\(bar.name): \(amount(bar.value))", to: &buffer)
            ChartFrame.appendText("v", x: max(zero, place) + 60, y: y + 130, shortAmount(bar.value), to: &buffer)
        }
    }

    private func amount(_ value: Int128) -> String { isMoney ? Figure.exact(value) : Figure.grouped("\(value)") }

    private func shortAmount(_ value: Int128) -> String { isMoney ? Figure.short(value, decimals: 2) : Figure.grouped("\(value)") }

    private var description: String {
        guard let best = bars.max(by: { $0.value < $1.value }), let worst = bars.min(by: { $0.value < $1.value }) else { return "" }
        return "\(bars.count) bars. The highest: \(best.name), \(amount(best.value)). The lowest: \(worst.name), \(amount(worst.value))."
    }
}
