/// What is wrong with some instruments of a connection, until it was said of each that it is well again.
struct PartialTrouble {
    private static let most = 1024

    private(set) var word: FeedWord
    private var names: Set<String> = []
    /// More names than are kept: only a word about the whole connection ends it.
    private var isOverfull = false

    init(_ word: FeedWord, _ names: [String]) {
        self.word = word
        add(word, names)
    }

    /// Something is wrong with these, too.
    mutating func add(_ word: FeedWord, _ more: [String]) {
        self.word = word
        names.formUnion(more.prefix(PartialTrouble.most))
        if more.count > PartialTrouble.most || names.count > PartialTrouble.most {
            isOverfull = true
            names.removeAll()
        }
    }

    /// All is well with these; true if nothing is left.
    mutating func heal(_ well: [String]) -> Bool {
        names.subtract(well)
        return names.isEmpty && !isOverfull
    }
}
