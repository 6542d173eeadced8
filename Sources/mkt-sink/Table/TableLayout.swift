import MarketModel
import UnixTool

/// What stands where on a screen.
///
/// It follows from the model, the window's size and the moment, and from the frames before only so far that rows and columns stand still.
///
/// From above: a summary, feeds, instruments; from below: messages, decisions. A low window has no decisions (under 14 rows), then no feeds
/// (under 10). Under 40 columns or 5 rows nothing but a word about that fits.
struct TableLayout {
    static let least = WindowSize(columns: 40, rows: 5)
    private static let messagesMax = 2

    private var order = ActivityOrder()
    private var size: WindowSize?
    private var feedBlock = ColumnBlock(TableLayout.feedColumns)
    private var instrumentBlock = ColumnBlock(TableLayout.instrumentColumns)
    private var decisionBlock = ColumnBlock(TableLayout.decisionColumns)

    mutating func frame(_ model: TableModel, _ size: WindowSize, _ moment: TableMoment) -> Frame {
        guard size.columns >= TableLayout.least.columns, size.rows >= TableLayout.least.rows else {
            let least = TableLayout.least
            let text = "window too small: \(size.columns)x\(size.rows), the table needs \(least.columns)x\(least.rows)"
            return Frame(size, [ScreenRow(text, .warning, width: size.columns)])
        }
        let isResized = size != self.size
        self.size = size
        let isRenewed = order.update(
            model, rows: size.rows, second: moment.second, monotonicMicros: moment.monotonicMicros,
            isForced: isResized || moment.isLast)
        if isRenewed {
            feedBlock.forget()
            instrumentBlock.forget()
            decisionBlock.forget()
        }
        return Frame(size, rows(model, size, moment))
    }

    private mutating func rows(_ model: TableModel, _ size: WindowSize, _ moment: TableMoment) -> [ScreenRow] {
        let width = size.columns
        var above: [ScreenRow] = []
        if size.rows >= 10, !model.feeds.isEmpty {
            above += feedBlock.rows(feedValues(model, moment, most: max(2, size.rows / 5)), width: width)
        }
        var below: [ScreenRow] = []
        if size.rows >= 14, !model.decisions.isEmpty {
            below += decisionBlock.rows(decisionValues(model, moment, most: max(2, size.rows / 6)), width: width)
        }
        if size.rows >= 10 {
            below += moment.messages.suffix(TableLayout.messagesMax).map { ScreenRow(SafeText.make($0), .warning, width: width) }
        }
        let room = size.rows - 1 - above.count - below.count
        let places = order.places.prefix(max(room - 1, 0))
        var rows = [summary(model, moment, width, shownCount: places.count)] + above
        rows += instrumentBlock.rows(places.map { instrumentValues(model.instruments[$0], moment) }, width: width)
        while rows.count + below.count < size.rows { rows.append(ScreenRow()) }
        return rows + below
    }

    private func summary(_ model: TableModel, _ moment: TableMoment, _ width: Int, shownCount: Int) -> ScreenRow {
        let rate = DecimalText(millionths: model.rate.millionths(before: moment.second)).text
        let count = model.instruments.count
        let ill = model.feeds.count { !$0.isHealthy }
        // As they stand; those with the highest numbers go first where not all fit.
        var parts = [
            (0, "\(CivilTime(moment.now).clock)Z"),
            (3, shownCount < count ? "\(shownCount) of \(count) instruments" : "\(count) instruments"),
            (5, "\(model.lineCount) lines"), (4, "\(rate)/s"),
        ]
        if model.malformedCount > 0 { parts.append((2, "\(model.malformedCount) malformed")) }
        if ill > 0 { parts.append((1, "\(ill) of \(model.feeds.count) feeds not well")) }
        var text: String { parts.map(\.1).joined(separator: "  ") }
        while parts.count > 1, CellWidth.of(text) > width, let last = parts.map(\.0).max() { parts.removeAll { $0.0 == last } }
        return ScreenRow(text, model.malformedCount + Int64(ill) > 0 ? .warning : .heading, width: width)
    }
}
