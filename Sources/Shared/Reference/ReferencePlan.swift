/// What a load asks for.
struct ReferencePlan: Sendable {
    let queries: ReferenceQueries
    /// Microseconds, each once, in rising order.
    let windows: [Int64]

    init(_ queries: ReferenceQueries, windows: [Int64]) {
        precondition(windows.allSatisfy { $0 > 0 }, "a window without a length")
        self.queries = queries
        self.windows = Set(windows).sorted()
    }

    /// What is run, in this order; a history that nobody has a window for is not.
    var statements: [(query: ReferenceQuery, sql: String)] {
        ReferenceQuery.allCases.filter { queries.wanted.contains($0) && ($0 != .history || !windows.isEmpty) }
            .map { ($0, queries.sql($0, windowMicrosMax: windows.last ?? 0)) }
    }
}
