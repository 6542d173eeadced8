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
    /// By statement.
    private let venues: [Int32]
    /// By statement: how many words it shares with the one that is looked at; all 0 in between.
    private var shared: [Int32]
    /// Statements that have words, all of which are too common to be looked up.
    private(set) var uncomparedCount = 0

    init(_ statements: [Statement]) {
        var venueNumbers: [String: Int32] = [:]
        for statement in statements where venueNumbers[statement.venue] == nil { venueNumbers[statement.venue] = Int32(venueNumbers.count) }
        venues = statements.map { venueNumbers[$0.venue] ?? -1 }
        shared = Array(repeating: 0, count: statements.count)
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
        var met: [Int32] = []
        var steps = 0
        for (index, list) in lists.enumerated() {
            guard steps + list.count <= CandidateIndex.stepsMax else {
                if index == 0 { uncomparedCount += 1 }
                break
            }
            steps += list.count
            for other in list where venues[Int(other)] != venues[number] {
                if shared[Int(other)] == 0 { met.append(other) }
                shared[Int(other)] += 1
            }
        }
        if met.count > CandidateIndex.judgedMax {
            met.sort { shared[Int($0)] != shared[Int($1)] ? shared[Int($0)] > shared[Int($1)] : $0 < $1 }
        }
        for other in met { shared[Int(other)] = 0 }
        return met.prefix(CandidateIndex.judgedMax).map(Int.init).sorted()
    }
}
