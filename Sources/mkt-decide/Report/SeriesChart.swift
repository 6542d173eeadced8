import JSON
import MarketModel

/// A chart with one series a rule: edges as dots, accounts as step lines, drawdowns as step lines that hang from zero.
struct SeriesChart {
    enum Kind {
        case edges, pnl, drawdown
    }

    struct Series {
        let mark: SeriesMark
        let name: String
        let buckets: TimeBuckets<Extent>
    }

    private let kind: Kind
    private let series: [Series]

    /// Of the charted rules those that have anything to draw, and of all together where they are accounts of their own that can be summed.
    init(_ kind: Kind, _ tally: borrowing ReportTally, _ order: RuleOrder) {
        self.kind = kind
        var series: [Series] = []
        for (place, rule) in order.charted.enumerated() {
            let rule = tally.rules[rule]
            let buckets =
                switch kind {
                case .edges: rule.edges
                case .pnl: rule.pnls
                case .drawdown: rule.drawdowns
                }
            if !buckets.buckets.isEmpty { series.append(Series(mark: .rule(place), name: rule.name, buckets: buckets)) }
        }
        let accounts = tally.rules.count { !$0.pnls.buckets.isEmpty }
        if kind != .edges, accounts > 1, order.sweeps.isEmpty {
            let total = kind == .pnl ? tally.totalPnls : tally.totalDrawdowns
            series.append(Series(mark: .total, name: "All \(accounts) rules", buckets: total))
        }
        self.series = series
    }

    private var title: String {
        switch kind {
        case .edges: "Edge of decisions"
        case .pnl: "P&L"
        case .drawdown: "Drawdown"
        }
    }

    private var meaning: String {
        switch kind {
        case .edges:
            "Dollars a share, a dot for each decision; where there are too many to be told apart, the least and the greatest."
        case .pnl: "Dollars: realized + unrealized − fees, as each change left it."
        case .drawdown: "Dollars below the best that the account had been."
        }
    }

    private var nothing: StaticString {
        switch kind {
        case .edges: "No decision of these rules tells an edge."
        case .pnl, .drawdown: "No account line tells a P&amp;L."
        }
    }

    /// - Parameter omission: Which rules are drawn, where it is not all.
    func write(_ grid: TimeGrid, omission: String, to buffer: inout ByteBuffer) {
        buffer.append("<figure><figcaption><b>")
        buffer.append(html: title)
        buffer.append("</b><small>")
        guard !series.isEmpty else {
            buffer.append(nothing)
            return buffer.append("</small></figcaption></figure>\n")
        }
        buffer.append(html: meaning + omission)
        buffer.append("</small><ul class=\"legend\">\n")
        for one in series { one.mark.appendLegend(one.name, isDotted: kind == .edges, to: &buffer) }
        buffer.append("</ul></figcaption>\n")
        draw(grid, to: &buffer)
        buffer.append("</figure>\n")
    }

    private func draw(_ grid: TimeGrid, to buffer: inout ByteBuffer) {
        let extents = series.flatMap { $0.buckets.buckets.map(\.content) }
        let (low, high) = (extents.map(\.low).min() ?? 0, extents.map(\.high).max() ?? 0)
        let isDown = kind == .drawdown
        let frame = ChartFrame(
            from: Int128(grid.first), to: Int128(grid.last), low: isDown ? -high : low, high: isDown ? 0 : high, unit: .millionths)
        let id: StaticString = kind == .edges ? "edges" : kind == .pnl ? "pnl" : "drawdown"
        frame.begin(id: id, title: title, description: description(grid), to: &buffer)
        for one in series {
            if kind == .edges {
                one.mark.appendDots(one.buckets, width: grid.width, in: frame, to: &buffer)
            } else {
                one.mark.appendSteps(one.buckets, isDownward: isDown, width: grid.width, in: frame, to: &buffer)
            }
        }
        ChartFrame.end(&buffer)
    }

    private func description(_ grid: TimeGrid) -> String {
        let span = "from \(CivilTime(Timestamp(micros: grid.first)).exact) to \(CivilTime(Timestamp(micros: grid.last)).exact)"
        let parts = series.map { one in
            let extents = one.buckets.buckets.map(\.content)
            let (low, high) = (extents.map(\.low).min() ?? 0, extents.map(\.high).max() ?? 0)
            let range = "least \(Figure.exact(low)), greatest \(Figure.exact(high))"
            return "\(CutText.cut(one.name, 80)): \(range)" + (kind == .edges ? "" : ", last \(Figure.exact(extents.last?.last ?? 0))")
        }
        return "\(title) in dollars\(kind == .edges ? " a share" : "") \(span). \(parts.joined(separator: "; "))."
    }
}
