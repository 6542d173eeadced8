/// What the name of a rule says of it where the rule is one of a sweep: `wide[min_spread=0.05,cooldown=1m]`.
struct VariantName: Equatable {
    /// What stands before the bracket.
    let base: String
    let keys: [String]
    let values: [String]

    /// nil for any other name.
    init?(_ name: String) {
        guard let bracket = name.firstIndex(of: "["), bracket > name.startIndex, name.last == "]" else { return nil }
        var keys: [String] = []
        var values: [String] = []
        for part in name[name.index(after: bracket)...].dropLast().split(separator: ",", omittingEmptySubsequences: false) {
            guard let sign = part.firstIndex(of: "="), sign > part.startIndex else { return nil }
            keys.append(String(part[..<sign]))
            values.append(String(part[part.index(after: sign)...]))
        }
        guard Set(keys).count == keys.count else { return nil }
        base = String(name[..<bracket])
        (self.keys, self.values) = (keys, values)
    }

    /// The value of a key; nil where this variant does not have it.
    func value(_ key: String) -> String? { keys.firstIndex(of: key).map { values[$0] } }

    /// What tells the variant from others of its base.
    var settings: String { zip(keys, values).map { "\($0)=\($1)" }.joined(separator: ", ") }
}
