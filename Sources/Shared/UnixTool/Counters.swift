/// Named counts of things that are worth telling, mostly of what was left out and why.
public struct Counters: Sendable {
    private var counts: [String: Int64] = [:]
    /// What happens with every message: a few names, each found by the address of its text.
    private var frequent: [(name: StaticString, count: Int64)] = []

    public init() {}

    public mutating func add(_ name: String, _ count: Int64 = 1) {
        counts[name, default: 0] += count
    }

    /// Counts one more of what happens with every message; the same as `add`, without making a String.
    ///
    /// Only for literals: a few dozen of them are looked through one by one.
    public mutating func count(_ name: StaticString) {
        for index in frequent.indices where frequent[index].name.utf8Start == name.utf8Start {
            frequent[index].count += 1
            return
        }
        frequent.append((name, 1))
    }

    /// Adds all counts of others.
    public mutating func add(_ others: Counters) {
        counts.merge(others.all, uniquingKeysWith: +)
    }

    public mutating func set(_ name: String, _ count: Int64) {
        counts = all
        frequent.removeAll()
        counts[name] = count
    }

    public subscript(name: String) -> Int64 { all[name] ?? 0 }

    private var all: [String: Int64] {
        frequent.reduce(into: counts) { $0["\($1.name)", default: 0] += $1.count }
    }

    /// In rising byte order of the names.
    public var sorted: [(name: String, count: Int64)] {
        all.map { (name: $0.key, count: $0.value) }.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// One line: `lines_in=120 lines_out=118 skipped=2`.
    public var line: String {
        sorted.map { "\($0.name)=\($0.count)" }.joined(separator: " ")
    }
}
