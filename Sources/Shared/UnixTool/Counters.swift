/// Named counts of things that are worth telling, mostly of what was left out and why.
public struct Counters: Sendable {
    private var counts: [String: Int64] = [:]

    public init() {}

    public mutating func add(_ name: String, _ count: Int64 = 1) {
        counts[name, default: 0] += count
    }

    /// Adds all counts of others.
    public mutating func add(_ others: Counters) {
        counts.merge(others.counts, uniquingKeysWith: +)
    }

    public mutating func set(_ name: String, _ count: Int64) {
        counts[name] = count
    }

    public subscript(name: String) -> Int64 { counts[name] ?? 0 }

    /// In rising byte order of the names.
    public var sorted: [(name: String, count: Int64)] {
        counts.map { (name: $0.key, count: $0.value) }.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// One line: `lines_in=120 lines_out=118 skipped=2`.
    public var line: String {
        sorted.map { "\($0.name)=\($0.count)" }.joined(separator: " ")
    }
}
