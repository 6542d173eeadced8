import OpenSSL

/// All rules that run, in rising byte order of their names: that is the order of decisions on one line.
struct RuleSet: Sendable {
    let rules: [Rule]
    /// SHA-256, in hex, of the canonical text of all rules: comments, blanks, order and spelling of numbers leave it as it is.
    let hash: String
    /// Whether any rule looks at labels, so that they are worth watching.
    let usesLabels: Bool

    init(_ rules: [Rule]) {
        self.rules = rules.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        var text = self.rules.map { $0.canonicalText + "\n" }.joined()
        hash = text.withUTF8 { Digest.hex(.sha256, of: $0) }
        usesLabels = rules.contains { $0.scope.label != nil }
    }

    /// For `--check`: every rule in words.
    var report: String {
        let count = rules.count == 1 ? "1 rule" : "\(rules.count) rules"
        return "\(count), sha256 \(hash)\n" + rules.map { $0.summary + "\n" }.joined()
    }
}
