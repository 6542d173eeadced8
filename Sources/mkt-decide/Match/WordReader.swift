/// Turns what is left of a question into words to compare.
struct WordReader {
    struct Word: Hashable {
        let text: String
        /// A name of somebody or something, as far as its capital tells. In headlines every word has one; they are then held to more.
        let isName: Bool
    }

    private(set) var words: [Word] = []
    private(set) var isNegated = false

    /// - Parameters:
    ///   - text: Dates and numbers have been read.
    ///   - league: Which game is played, where that is known.
    init(_ text: QuestionText, _ range: Range<Int>? = nil, league: String?) {
        let places = (range ?? 0..<text.count).filter { !text.isUsed[$0] && text.lexemes[$0].isWord }
        var plain: [Word] = []
        for place in places {
            let lexeme = text.lexemes[place]
            if WordList.negations.contains(lexeme.text) {
                isNegated.toggle()
                continue
            }
            if lexeme.isAllCapital, let long = WordList.capitals[lexeme.text] {
                plain.append(Word(text: long, isName: true))
                continue
            }
            let stem = WordList.stem(lexeme.text)
            let isDigits = stem.utf8.contains { $0 >= 48 && $0 <= 57 }
            plain.append(Word(text: stem, isName: lexeme.isCapital || isDigits))
        }
        plain = WordReader.joined(plain)
        settle(WordReader.teams(plain, league: league))
    }

    /// Several words that are one.
    private static func joined(_ words: [Word]) -> [Word] {
        var result: [Word] = []
        var at = 0
        while at < words.count {
            let found = WordList.phrases[words[at].text]?.first { phrase in
                phrase.words.count <= words.count - at && zip(phrase.words, words[at...]).allSatisfy { $0 == $1.text }
            }
            if let found {
                result.append(Word(text: found.word, isName: words[at].isName && !WordList.isCommon(found.word)))
                at += found.words.count
            } else {
                result.append(words[at])
                at += 1
            }
        }
        return result
    }

    /// Places in the stead of teams: `Chiefs` and `Kansas City Chiefs` are `kansascity`, `Giants` `newyork` and `newyork-g`.
    private static func teams(_ words: [Word], league: String?) -> [Word] {
        var result: [Word] = []
        for (index, word) in words.enumerated() {
            let previous = result.last?.text ?? ""
            if word.isName, word.text.utf8.count <= 2, ["newyork", "losangeles", "chicago"].contains(previous),
                let initial = word.text.first
            {
                result.append(Word(text: "\(previous)-\(initial)", isName: true))
                continue
            }
            // `Red` of Red Sox is no team of its own.
            let isFirst =
                TeamNames.firstWords.contains(word.text) && index + 1 < words.count && TeamNames.byName[words[index + 1].text] != nil
            guard word.isName, !isFirst, var teams = TeamNames.byName[word.text] else {
                result.append(word)
                continue
            }
            teams.removeAll { $0.first != nil && (index == 0 || $0.first != words[index - 1].text) }
            let isLong = teams.contains { $0.first != nil }
            if isLong { teams.removeAll { $0.first == nil } }
            let place = isLong ? (index > 1 ? words[index - 2].text : "") : (index > 0 ? words[index - 1].text : "")
            if teams.contains(where: { $0.place == place }) { teams = teams.filter { $0.place == place } }
            if teams.count > 1, let league { teams = teams.filter { $0.league == league } }
            guard teams.count == 1, let team = teams.first else {
                result.append(word)
                continue
            }
            if isLong { result.removeLast() }
            if team.place != result.last?.text { result.append(Word(text: team.place, isName: true)) }
            if let initial = team.initial { result.append(Word(text: "\(team.place)-\(initial)", isName: true)) }
        }
        return result
    }

    private mutating func settle(_ plain: [Word]) {
        for word in plain {
            if word.text == "not" {
                isNegated.toggle()
                continue
            }
            let text = WordList.synonyms[word.text] ?? word.text
            guard !WordList.stop.contains(text), text.unicodeScalars.count > 1 || text.unicodeScalars.contains(where: { !$0.isASCII })
            else {
                continue
            }
            let isName = WordList.proper.contains(text) || (word.isName && !WordList.isCommon(text) && !WordList.isCommon(word.text))
            if let index = words.firstIndex(where: { $0.text == text }) {
                if isName, !words[index].isName { words[index] = Word(text: text, isName: true) }
            } else {
                words.append(Word(text: text, isName: isName))
            }
        }
    }
}
