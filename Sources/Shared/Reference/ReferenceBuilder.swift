import JSON
import UnixTool

/// Puts the rows of all queries together.
struct ReferenceBuilder {
    private var links: [[String]] = []
    private var parameters: [ReferenceData.Parameter] = []
    private var values: [ReferenceData.Value] = []
    private var history: HistoryGatherer
    /// Of all texts that are kept, so that a query which gives far too much ends early.
    private var byteCount = 0

    init(windows: [Int64]) { history = HistoryGatherer(windows: windows) }

    /// Checks the shape of a result.
    static func check(columnCount: Int, of query: ReferenceQuery) throws(ToolFailure) {
        let columns = query.columns
        guard columnCount != columns.count else { return }
        let told = columnCount == 0 ? "gives no rows at all" : "gives \(columnCount) columns instead of \(columns.count)"
        throw ToolFailure(
            .configuration,
            "query \(query.rawValue) \(told); make it one SELECT that gives \(columns.joined(separator: ", ")), in this order")
    }

    mutating func take(_ row: ReferenceRow) throws(ToolFailure) {
        switch row.query {
        case .history: try history.take(row)
        case .parameters:
            let parameter = ReferenceData.Parameter(rule: try row.name(at: 0), key: try row.name(at: 1), value: try row.text(2))
            try count([parameter.rule, parameter.key, parameter.value])
            parameters.append(parameter)
        case .values:
            let value = ReferenceData.Value(
                venue: try row.name(at: 0), instrument: try row.name(at: 1), name: try row.name(at: 2), millionths: try row.decimal(3))
            try count([value.venue, value.instrument, value.name])
            values.append(value)
        case .links:
            let link = try link(row)
            try count(link)
            links.append(link)
        }
        if history.statistics.count * HistoryStatistics.jsonBytesMin > ReferenceData.byteCountMax { throw ReferenceData.tooLarge }
    }

    private func link(_ row: ReferenceRow) throws(ToolFailure) -> [String] {
        var texts: [String] = []
        for (column, name) in row.query.columns.enumerated() {
            var text = try row.text(column)
            // A numeric column tells as many zeros as its type has. What is no decimal stays as it is, for whoever reads links to refuse.
            if name == "confidence", let millionths = text.withUTF8({ try? Decimal6.parse(JSONText($0)) }) {
                text = ReferenceData.decimalText(millionths)
            }
            texts.append(text)
        }
        return texts
    }

    private mutating func count(_ texts: [String]) throws(ToolFailure) {
        byteCount += texts.reduce(0) { $0 + $1.utf8.count }
        if byteCount > ReferenceData.byteCountMax { throw ReferenceData.tooLarge }
    }

    func finished() throws(ToolFailure) -> ReferenceData {
        try ReferenceData(links: links, parameters: parameters, values: values, history: history.statistics)
    }
}
