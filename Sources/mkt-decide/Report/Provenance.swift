import JSON

/// The different versions of one thing that decisions name: of the rules, of the links, of the build.
struct Provenance: ~Copyable {
    /// More are counted as one more.
    static let keptMax = 8

    private var names = NameTable()
    private(set) var texts: [String] = []
    /// Whether there were others than those that are kept.
    private(set) var hasMore = false

    init() {}

    mutating func take(_ text: JSONText?) {
        guard let text else { return }
        let name = NameTable.Name(first: text)
        guard names.find(name) == nil else { return }
        guard texts.count < Provenance.keptMax else { return hasMore = true }
        _ = names.number(of: name)
        texts.append(CutText.make(text))
    }
}
