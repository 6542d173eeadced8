import JSON
import MarketModel

/// The tables with one rule a row: rules by themselves, and the variants of a sweep.
struct RuleTable {
    /// Rows of all tables together: what a page can bear.
    static let rowsMax = 250
    private static let keysMax = 12

    let hasAccounts: Bool

    private var columns: [TableColumn] {
        let decisions = [
            TableColumn("Decisions", "decision lines of the rule"), TableColumn("Trades", "decisions with action trade"),
            TableColumn("Promised", "sum of the profit of its trades, dollars"),
        ]
        let account = [
            TableColumn("Tried", "legs that were tried: own_order lines"),
            TableColumn("Filled", "shares that orders got, of those they asked for; rounded down"),
            TableColumn("Shares", "shares of all fills"), TableColumn("Fees", "fees paid, dollars"),
            TableColumn("Realized", "realized profit before fees, dollars"),
            TableColumn("Unrealized", "what is held, at its last value, less its cost; dollars"),
            TableColumn("P&L", "realized + unrealized − fees, dollars, at the last account line"),
            TableColumn("Max drawdown", "how far the account ever was below the best it had been, dollars"),
            TableColumn("Held", "instruments held at the end"),
        ]
        let edges = [
            TableColumn("Mean edge", "mean of the edge of decisions that tell one, dollars a share; rounded down to a millionth"),
            TableColumn("Best edge", "the greatest edge of a decision, dollars a share"),
            TableColumn("First decision", "UTC", isNumber: false), TableColumn("Last decision", "UTC", isNumber: false),
        ]
        return decisions + (hasAccounts ? account : []) + edges
    }

    func write(_ rules: [RuleTally], _ tally: borrowing ReportTally, to buffer: inout ByteBuffer) {
        buffer.beginTable([TableColumn("Rule", isNumber: false)] + columns, isTall: true)
        for rule in rules.prefix(RuleTable.rowsMax) {
            buffer.append("<tr>")
            RuleTable.appendName(rule.name, to: &buffer)
            appendCells(rule, to: &buffer)
            buffer.append("</tr>\n")
        }
        if tally.rules.count > 1 { appendTotal(tally, to: &buffer) }
        buffer.endTable()
        RuleTable.tellRest(rules.count - RuleTable.rowsMax, to: &buffer)
    }

    /// - Returns: How many rows were written.
    func write(sweep: [RuleTally], rowsMax: Int, to buffer: inout ByteBuffer) -> Int {
        let variants = sweep.compactMap { VariantName($0.name) }
        let keys = Array(RuleTable.keys(of: variants).prefix(RuleTable.keysMax))
        let heads = (keys.isEmpty ? ["variant"] : keys).map { TableColumn($0, isNumber: false) }
        buffer.beginTable(heads + columns, isTall: true)
        for (rule, variant) in zip(sweep, variants).prefix(rowsMax) {
            buffer.append("<tr>")
            for (place, key) in keys.enumerated() {
                if place == 0 {
                    RuleTable.appendName(variant.value(key) ?? "–", to: &buffer)
                } else {
                    buffer.appendCell(text: variant.value(key) ?? "–")
                }
            }
            appendCells(rule, to: &buffer)
            buffer.append("</tr>\n")
        }
        buffer.endTable()
        RuleTable.tellRest(sweep.count - rowsMax, to: &buffer)
        return min(sweep.count, rowsMax)
    }

    /// Every key of any variant, in the order in which names say them.
    private static func keys(of variants: [VariantName]) -> [String] {
        var keys: [String] = []
        for variant in variants {
            for key in variant.keys where !keys.contains(key) { keys.append(key) }
        }
        return keys
    }

    private static func appendName(_ name: String, to buffer: inout ByteBuffer) {
        buffer.append("<th scope=\"row\" title=\"")
        buffer.append(html: name)
        buffer.append("\"><bdi>")
        buffer.append(html: CutText.cut(name, CutText.bytesMax))
        buffer.append("</bdi></th>")
    }

    private static func tellRest(_ count: Int, to buffer: inout ByteBuffer) {
        guard count > 0 else { return }
        buffer.append("<p class=\"dim\">And ")
        buffer.append(html: Figure.grouped("\(count)"))
        buffer.append(" more with a lower P&amp;L, which are left out here and are in every sum.</p>\n")
    }

    private func appendCells(_ rule: RuleTally, to buffer: inout ByteBuffer) {
        buffer.appendCell(count: rule.decisions)
        buffer.appendCell(count: rule.trades)
        buffer.appendCell(millionths: rule.promised)
        if hasAccounts {
            buffer.appendCell(count: rule.orders)
            buffer.appendCell(part: rule.filled, of: rule.asked)
            buffer.appendCell(millionths: rule.shares)
            buffer.appendCell(millionths: rule.fees)
            buffer.appendCell(millionths: rule.balance?.realized)
            buffer.appendCell(millionths: rule.balance?.unrealized)
            buffer.appendCell(millionths: rule.pnl)
            buffer.appendCell(millionths: rule.pnls.buckets.isEmpty ? nil : rule.drawdown.greatest)
            buffer.appendCell(count: rule.balance?.positions)
        }
        buffer.appendCell(millionths: rule.edgeMean, decimals: 4)
        buffer.appendCell(millionths: rule.edgeBest, decimals: 4)
        buffer.appendCell(time: rule.first)
        buffer.appendCell(time: rule.last)
    }

    private func appendTotal(_ tally: borrowing ReportTally, to buffer: inout ByteBuffer) {
        let sum = RuleSum(tally.rules)
        buffer.append("</tbody><tbody class=\"sum\"><tr><th scope=\"row\">All ")
        buffer.append(integer: Int64(tally.rules.count))
        buffer.append(" rules</th>")
        buffer.appendCell(count: sum.decisions)
        buffer.appendCell(count: sum.trades)
        buffer.appendCell(millionths: sum.promised)
        if hasAccounts {
            buffer.appendCell(count: sum.orders)
            buffer.appendCell(part: sum.filled, of: sum.asked)
            buffer.appendCell(millionths: sum.shares)
            buffer.appendCell(millionths: sum.fees)
            buffer.appendCell(millionths: sum.realized)
            buffer.appendCell(millionths: sum.unrealized)
            buffer.appendCell(millionths: sum.pnl)
            buffer.appendCell(millionths: tally.totalPnls.buckets.isEmpty ? nil : tally.totalDrawdown.greatest)
            buffer.appendCell(count: sum.positions)
        }
        buffer.appendCell(millionths: sum.edgeMean, decimals: 4)
        buffer.appendCell(millionths: sum.edgeBest, decimals: 4)
        buffer.appendCell(time: sum.first)
        buffer.appendCell(time: sum.last)
        buffer.append("</tr>\n")
    }
}
