/// Finds what somebody most likely meant.
public enum NearestWord {
    /// The word with the fewest single-character edits to `text`; of equals the first. nil only where there are no words.
    public static func of(_ text: String, among words: [String]) -> String? {
        words.map { (word: $0, edits: edits(text, $0)) }.min { $0.edits < $1.edits }?.word
    }

    /// Levenshtein's distance: insertions, deletions and replacements from one text to the other.
    static func edits(_ from: String, _ to: String) -> Int {
        let target = Array(to)
        var row = Array(0...target.count)
        for (index, character) in from.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, other) in target.enumerated() {
                let replaced = diagonal + (character == other ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
            }
        }
        return row[target.count]
    }
}
