/// Finds for a statement those that may be the same without looking at all of them.
///
/// Only statements with the same key can be; of them those are looked at that share a word, the rarest words first, until so many
/// places were looked at that the work stays in proportion to the input, whatever is in it.
struct CandidateIndex {
    /// Places looked at for one statement.
    static let stepsMax = 4096
    /// Statements that are judged for one.
    static let judgedMax = 128

    private struct Place: Hashable {
        let key: Int32
        let word: Int32
    }

    private var places: [Place: [Int32]] = [:]
    private var keys: [Int32] = []
    private var words: [[Int32]] = []
    private let venues: [String]
    /// Statements that have words, all of which are too common to be looked up.
    private(set) var uncomparedCount = 0

    init(_ statements: [Statement]) {
        venues = statements.map(\.venue)
        var keyNumbers: [String: Int32] = [:]
        var wordNumbers: [String: Int32] = [:]
        for (number, statement) in statements.enumerated() {
            let key = keyNumbers[statement.key] ?? Int32(keyNumbers.count)
            keyNumbers[statement.key] = key
            keys.append(key)
            var own: [Int32] = []
            for word in statement.words {
                let wordNumber = wordNumbers[word.text] ?? Int32(wordNumbers.count)
                wordNumbers[word.text] = wordNumber
                own.append(wordNumber)
                places[Place(key: key, word: wordNumber), default: []].append(Int32(number))
            }
            words.append(own)
        }
    }

    /// Statements of other venues, in rising order.
    mutating func candidates(of number: Int) -> [Int] {
        let lists = words[number].compactMap { places[Place(key: keys[number], word: $0)] }
            .sorted { $0.count != $1.count ? $0.count < $1.count : $0.lexicographicallyPrecedes($1) }
        var shared: [Int32: Int32] = [:]
        var steps = 0
        for (index, list) in lists.enumerated() {
            guard steps + list.count <= CandidateIndex.stepsMax else {
                if index == 0 { uncomparedCount += 1 }
                break
            }
            steps += list.count
            for other in list where venues[Int(other)] != venues[number] { shared[other, default: 0] += 1 }
        }
        guard shared.count > CandidateIndex.judgedMax else { return shared.keys.map(Int.init).sorted() }
        let best = shared.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
        return best.prefix(CandidateIndex.judgedMax).map { Int($0.key) }.sorted()
    }
}
