import JSON
import MarketModel
import UnixTool

/// Writes the page: one file of HTML that needs nothing else, runs no script and asks no network.
///
/// The same tally gives the same bytes: nothing on it is of the moment at which it was made.
struct ReportPage {
    private let order: RuleOrder
    private let notes: [String]

    /// - Parameter skipped: How many lines could not be read, by reason.
    init(_ tally: borrowing ReportTally, skipped: Counters) {
        order = RuleOrder(tally.rules)
        notes = ReportNotes(tally, skipped: skipped).notes
    }

    func write(_ tally: borrowing ReportTally, to buffer: inout ByteBuffer) {
        writeHead(tally, to: &buffer)
        if tally.ownLines == 0 {
            buffer.append("<p>Nothing to report: no decision and no line of an account came in.</p>\n")
        } else {
            writeTiles(RuleSum(tally.rules), tally, to: &buffer)
            writeRules(tally, to: &buffer)
            writeCharts(tally, to: &buffer)
            ListTables.writeLargest(tally.largest.entries.map(\.entry), to: &buffer)
            if tally.hasAccounts {
                ListTables.writeLeastFilled(tally.leastFilled.entries.map(\.entry), to: &buffer)
                ListTables.writeInstruments(tally.instruments, to: &buffer)
            }
        }
        buffer.append("</main></body></html>\n")
    }

    // MARK: Head

    /// No script may run and nothing may be fetched, whatever a text should bring in.
    private static let beginning: StaticString = """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>
        """

    private func writeHead(_ tally: borrowing ReportTally, to buffer: inout ByteBuffer) {
        let span = tally.ownLines == 0 ? "" : ReportPage.span(tally.fineGrid)
        buffer.append(ReportPage.beginning)
        buffer.append(html: "mkt-decide report" + (span.isEmpty ? "" : ", \(span)"))
        buffer.append("</title>\n<style>\n")
        buffer.append(PageStyle.css)
        buffer.append("</style></head>\n<body><main>\n<h1>mkt-decide report</h1>\n")
        if !span.isEmpty {
            buffer.append("<p>")
            buffer.append(html: span)
            buffer.append("</p>\n")
        }
        writeProvenance(tally, to: &buffer)
        guard !notes.isEmpty else { return }
        buffer.append("<ul class=\"notes\" role=\"note\">\n")
        for note in notes {
            buffer.append("<li>")
            buffer.append(html: note)
            buffer.append("</li>\n")
        }
        buffer.append("</ul>\n")
    }

    private static func span(_ grid: TimeGrid) -> String {
        "\(CivilTime(Timestamp(micros: grid.first)).short) to \(CivilTime(Timestamp(micros: grid.last)).short) UTC"
    }

    private func writeProvenance(_ tally: borrowing ReportTally, to buffer: inout ByteBuffer) {
        buffer.append("<dl class=\"meta\">\n")
        ReportPage.append("Rules", tally.rulesHashes, to: &buffer)
        ReportPage.append("Links and data", tally.dataHashes, to: &buffer)
        ReportPage.append("Build", tally.builds, to: &buffer)
        buffer.append("<dt>Lines</dt><dd>")
        buffer.append(html: "\(Figure.grouped("\(tally.ownLines)")) of mkt-decide")
        if tally.otherLines > 0 { buffer.append(html: ", \(Figure.grouped("\(tally.otherLines)")) others passed over") }
        buffer.append("</dd>\n</dl>\n")
    }

    private static func append(_ name: StaticString, _ versions: borrowing Provenance, to buffer: inout ByteBuffer) {
        guard versions.count > 0 else { return }
        buffer.append("<dt>")
        buffer.append(name)
        buffer.append("</dt><dd class=\"hash\">")
        buffer.append(html: versions.texts.joined(separator: ", ") + (versions.hasMore ? ", …" : ""))
        buffer.append("</dd>\n")
    }

    private func writeTiles(_ sum: RuleSum, _ tally: borrowing ReportTally, to buffer: inout ByteBuffer) {
        buffer.append("<div class=\"tiles\">\n")
        ReportPage.appendTile("Decisions", to: &buffer) { $0.appendFigure(count: sum.decisions) }
        ReportPage.appendTile("Trades", to: &buffer) { $0.appendFigure(count: sum.trades) }
        if tally.hasAccounts {
            ReportPage.appendTile("Shares filled", to: &buffer) { $0.appendFigure(part: sum.filled, of: sum.asked) }
            ReportPage.appendTile("Fees", sum.fees, to: &buffer)
            // The variants of a sweep are the same money over and over.
            if order.sweeps.isEmpty {
                ReportPage.appendTile("P&L", sum.pnl, to: &buffer)
                let drawdown = tally.totalPnls.buckets.isEmpty ? nil : tally.totalDrawdown.greatest
                ReportPage.appendTile("Max drawdown", drawdown, to: &buffer)
            }
        }
        buffer.append("</div>\n")
    }

    private static func appendTile(_ name: String, _ millionths: Int128?, to buffer: inout ByteBuffer) {
        appendTile(name, to: &buffer) { buffer in
            if let millionths { buffer.appendFigure(millionths: millionths) } else { buffer.append("–") }
        }
    }

    private static func appendTile(_ name: String, to buffer: inout ByteBuffer, _ value: (inout ByteBuffer) -> Void) {
        buffer.append("<div><b>")
        value(&buffer)
        buffer.append("</b><span>")
        buffer.append(html: name)
        buffer.append("</span></div>\n")
    }

    // MARK: Rules and charts

    private func writeRules(_ tally: borrowing ReportTally, to buffer: inout ByteBuffer) {
        let table = RuleTable(hasAccounts: tally.hasAccounts)
        buffer.append("<h2>Rules</h2>\n")
        if !tally.hasAccounts {
            buffer.append("<p class=\"dim\">Decisions only: no line of an account on paper came in; nothing was tried or filled.</p>\n")
        }
        table.write(order.plain.map { tally.rules[$0] }, tally, to: &buffer)
        var rowsLeft = RuleTable.rowsMax * 2
        for (number, sweep) in order.sweeps.enumerated() {
            guard rowsLeft > 0 else {
                buffer.append("<p>")
                buffer.append(html: "\(order.sweeps.count - number) more sweeps find no room here; they are in every sum.")
                return buffer.append("</p>\n")
            }
            let rules = sweep.members.map { tally.rules[$0] }
            buffer.append("<h2>Variants of <bdi>")
            buffer.append(html: CutText.cut(sweep.base, 80))
            buffer.append("</bdi></h2>\n")
            rowsLeft -= table.write(sweep: rules, rowsMax: min(rowsLeft, RuleTable.rowsMax), to: &buffer)
            RankChart(base: sweep.base, rules).write(number: number, to: &buffer)
        }
    }

    private func writeCharts(_ tally: borrowing ReportTally, to buffer: inout ByteBuffer) {
        buffer.append("<h2>Over time</h2>\n<p class=\"dim\">All times are UTC.</p>\n")
        let isPart = tally.rules.count > order.charted.count
        let omission = isPart ? " \(order.charted.count) of \(tally.rules.count) rules: \(ranking(tally))." : ""
        if tally.hasAccounts {
            SeriesChart(.pnl, tally, order).write(tally.fineGrid, omission: omission, to: &buffer)
            SeriesChart(.drawdown, tally, order).write(tally.fineGrid, omission: omission, to: &buffer)
            BarChart(kind: .fills).write(tally.fillBars, tally.roundGrid, to: &buffer)
        }
        SeriesChart(.edges, tally, order).write(tally.fineGrid, omission: omission, to: &buffer)
        BarChart(kind: .decisions).write(tally.decisionBars, tally.roundGrid, to: &buffer)
    }

    /// By what the charted rules were chosen.
    private func ranking(_ tally: borrowing ReportTally) -> String {
        tally.rules.contains { $0.pnl != nil } ? "those with the largest profit or loss" : "those with the most decisions"
    }
}
