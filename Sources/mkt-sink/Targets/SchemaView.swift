/// The view of a table for people: names instead of numbers, exact decimals instead of millionths.
enum SchemaView {
    static func name(_ table: EventTable) -> String { "v_\(table.name)" }

    static func sql(_ table: EventTable) -> String {
        var names = [("feed", "JOIN"), ("venue", "JOIN")]
        switch table.subject {
        case .instrument: names += [("market", "JOIN"), ("instrument", "JOIN"), ("label", "LEFT JOIN")]
        case .optional: names += [("market", "LEFT JOIN"), ("instrument", "LEFT JOIN"), ("label", "LEFT JOIN")]
        case .none: break
        }
        var columns = names.map { "\($0.0).text AS \($0.0)" }
        columns.append("nullif(t.conn, 0) AS conn")
        if table.ordinal == .seq { columns.append("t.seq AS seq") }
        columns += ["t.recv_us AS recv_us", "t.venue_us AS venue_us"]
        columns += table.columns.map(column)
        let joins = names.map { "    \($0.1) texts AS \($0.0) ON \($0.0).text_id = t.\($0.0)_id\n" }.joined()
        return """
            CREATE VIEW \(name(table)) AS SELECT
                \(columns.joined(separator: ",\n    "))
            FROM \(table.name) AS t
            \(joins.dropLast());

            """
    }

    private static func column(_ name: String) -> String {
        guard name.hasSuffix("_e6") else { return "t.\(name) AS \(name)" }
        return "\(decimal("t.\(name)")) AS \(name.dropLast(3))"
    }

    /// Text such as `-0.5` or `120`: SQLite's own numbers with decimals are binary and not exact.
    private static func decimal(_ value: String) -> String {
        let digits = "printf('%d.%06d', abs(\(value)) / 1000000, abs(\(value)) % 1000000)"
        return "iif(\(value) < 0, '-', '') || rtrim(rtrim(iif(\(value) IS NULL, NULL, \(digits)), '0'), '.')"
    }
}
