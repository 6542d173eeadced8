/// One of the things that rules may ask a database for; the raw value is its key in `[database.queries]`.
public enum ReferenceQuery: String, CaseIterable, Sendable {
    /// What prices were, for statistics over windows.
    case history
    /// What rules shall run by.
    case parameters
    /// Numbers about instruments.
    case values
    /// Which instruments are the same question.
    case links

    /// What its result has, in this order; only the places count, not the names.
    public var columns: [String] {
        switch self {
        case .history: ["venue", "instrument", "at_us", "price"]
        case .parameters: ["rule", "key", "value"]
        case .values: ["venue", "instrument", "name", "value"]
        case .links: ["left_venue", "left_instrument", "right_venue", "right_instrument", "relation", "confidence", "status"]
        }
    }

    /// The statement where none is given, over the tables of `docs/reference.md`.
    ///
    /// - Parameter windowMicrosMax: The longest window; older prices stay in the database.
    func defaultSQL(windowMicrosMax: Int64) -> String {
        let list = columns.joined(separator: ", ")
        return switch self {
        case .history:
            """
            SELECT venue, instrument, at_us, price FROM market_history
            JOIN (SELECT venue, instrument, max(at_us) AS newest_us FROM market_history GROUP BY venue, instrument) AS newest
            USING (venue, instrument) WHERE at_us > newest_us - \(windowMicrosMax)
            ORDER BY venue, instrument, at_us DESC
            """
        case .parameters: "SELECT \(list) FROM strategy_parameters"
        case .values: "SELECT \(list) FROM reference_values"
        case .links: "SELECT \(list) FROM market_links"
        }
    }
}
