/// Something that comes true or does not, and the instruments that pay then: one answer to one question.
struct Statement {
    /// Its market's place in the list.
    let market: Int
    let venue: String
    let question: Question
    /// Pays when it comes true; nil where no such instrument is listed or named.
    let whenTrue: Answer?
    let whenFalse: Answer?
    /// What must be the same on both sides, to the letter.
    let key: String
    let words: [WordReader.Word]
    let subject: [WordReader.Word]?
    let quantities: [Quantity]

    struct Answer: Equatable {
        let instrument: String
        /// nil: no line tells.
        let outcome: String?
    }

    init(
        market: Int, venue: String, _ question: Question, whenTrue: Answer?, whenFalse: Answer?, words: [WordReader.Word],
        subject: [WordReader.Word]?, quantities: [Quantity]
    ) {
        (self.market, self.venue, self.question, self.whenTrue, self.whenFalse) = (market, venue, question, whenTrue, whenFalse)
        (self.words, self.subject) = (words, subject)
        self.quantities = quantities.sorted { $0.key < $1.key }
        let hard = words.map(\.text).filter(WordList.hard.contains).sorted()
        key = (self.quantities.map(\.settled.key) + ["|"] + hard).joined(separator: " ")
    }
}
