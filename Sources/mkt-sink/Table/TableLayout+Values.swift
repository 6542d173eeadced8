import MarketModel

/// The columns of each block, and what stands in them.
extension TableLayout {
    static let feedColumns = [
        TableColumn("FEED", .left, isElastic: true, cellsMin: 8), TableColumn("STATE", .left), TableColumn("FOR", .right, drop: 2),
        TableColumn("AGE", .right, drop: 5), TableColumn("LINES/S", .point, drop: 4), TableColumn("DOWN", .right, drop: 6),
        TableColumn("GAPS", .right, drop: 3), TableColumn("REASON", .left, drop: 1, isElastic: true, cellsMin: 10),
    ]

    static let instrumentColumns = [
        TableColumn("INSTRUMENT", .left, isElastic: true, cellsMin: 20), TableColumn("VENUE", .left, drop: 2),
        TableColumn("BIDSIZE", .point, drop: 9), TableColumn("BID", .point), TableColumn("ASK", .point),
        TableColumn("ASKSIZE", .point, drop: 10), TableColumn("SPREAD", .point, drop: 7), TableColumn("", .left, drop: 6),
        TableColumn("TRADE", .point, drop: 8), TableColumn("SIZE", .point, drop: 4), TableColumn("SIDE", .left, drop: 3),
        TableColumn("TAGE", .right, drop: 1), TableColumn("AGE", .right, drop: 11), TableColumn("LINES/S", .point, drop: 5),
    ]

    static let decisionColumns = [
        TableColumn("RULE", .left, isElastic: true, cellsMin: 10), TableColumn("ACTION", .left), TableColumn("AGE", .right),
        TableColumn("NOTE", .left, drop: 1, isElastic: true, cellsMin: 10),
    ]

    /// Feeds that are not well first, then as they came; where not all fit, the last row says how many are missing.
    func feedValues(_ model: TableModel, _ moment: TableMoment, most: Int) -> [[TableValue]] {
        let sorted = model.feeds.filter { !$0.isHealthy } + model.feeds.filter(\.isHealthy)
        guard sorted.count > most else { return sorted.map { values(of: $0, moment) } }
        let missing = TableValue("… \(sorted.count - most + 1) more", .faint)
        let rest = [TableValue](repeating: .blank, count: TableLayout.feedColumns.count - 1)
        return sorted.prefix(most - 1).map { values(of: $0, moment) } + [[missing] + rest]
    }

    /// A foreign word for a column that never gives way.
    private static func word(_ text: String) -> String { SafeText.cut(text, cells: 14) }

    private func values(of feed: TableFeed, _ moment: TableMoment) -> [TableValue] {
        let shown = feed.shown
        let style: TextStyle = feed.isHealthy ? .good : shown?.state == "disconnected" || shown?.state == "stopped" ? .bad : .warning
        let age = moment.now.micros(since: feed.received)
        let isSilent = feed.isStage || (shown == nil && feed.last == nil)
        return [
            TableValue(feed.name), TableValue(TableLayout.word(shown?.state ?? ""), style),
            TableValue(shown.map { AgeText.make(micros: moment.now.micros(since: $0.received)) } ?? "", .faint),
            TableValue(AgeText.make(micros: age)), TableValue(millionths: feed.rate.millionths(before: moment.second)),
            TableValue(isSilent ? "" : "\(feed.connections.downCount)", feed.connections.downCount > 0 ? .bad : .plain),
            TableValue(isSilent ? "" : "\(feed.gapCount)", feed.gapCount > 0 ? .warning : .plain), TableValue(shown?.reason ?? "", .faint),
        ]
    }

    func instrumentValues(_ instrument: TableInstrument, _ moment: TableMoment) -> [TableValue] {
        let top = instrument.top
        let trade = instrument.trade
        let none = TableValue(top.isKnown ? "-" : "?", top.isKnown ? .faint : .warning)
        let side: TextStyle = trade?.side == .buy ? .good : trade?.side == .sell ? .bad : .plain
        let spread = top.spreadMillionths
        return [
            TableValue(instrument.name), TableValue(instrument.venue, .faint), TableValue(millionths: top.bid?.size.millionths),
            top.bid.map { TableValue(millionths: $0.price.millionths, .good) } ?? none,
            top.ask.map { TableValue(millionths: $0.price.millionths, .bad) } ?? none,
            TableValue(millionths: top.ask?.size.millionths), TableValue(millionths: spread, spread ?? 1 > 0 ? .plain : .warning),
            TableValue(spread.map { $0 < 0 ? "X" : $0 == 0 ? "=" : "" } ?? "", .warning),
            TableValue(millionths: trade?.price.millionths, side), TableValue(millionths: trade?.size.millionths),
            TableValue(trade?.side.name ?? "", side),
            TableValue(trade.map { AgeText.make(micros: moment.now.micros(since: $0.received)) } ?? "", .faint),
            TableValue(AgeText.make(micros: moment.now.micros(since: instrument.received)), .faint),
            TableValue(millionths: instrument.rate.millionths(before: moment.second)),
        ]
    }

    /// The newest first.
    func decisionValues(_ model: TableModel, _ moment: TableMoment, most: Int) -> [[TableValue]] {
        model.decisions.suffix(most).reversed().map { decision in
            [
                TableValue(decision.rule), TableValue(TableLayout.word(decision.action), .good),
                TableValue(AgeText.make(micros: moment.now.micros(since: decision.received)), .faint), TableValue(decision.note),
            ]
        }
    }
}
