import JSON
import MarketModel
import UnixTool

/// Takes lines in any order, keeps those that the question needs, and answers it.
///
/// All stores of lines are asked through it, so that there is one rule for all of them (`docs/storage.md`, "The book at a moment").
final class BookCollector {
    let question: BookQuestion
    private var faults: InputFaults
    private var decoder = EventDecoder()
    private var books: [BookKey: CollectedBook] = [:]
    /// By feed.
    private var breaks: [[UInt8]: [CollectedBreak]] = [:]
    /// By name, whether a line was about it.
    private var isMet: [Bool]

    init(_ question: BookQuestion, faults: consuming InputFaults) {
        self.question = question
        self.faults = faults
        isMet = Array(repeating: false, count: question.names.count)
    }

    /// Takes a line, without its newline.
    ///
    /// - Parameter name: Of where it stands, for messages.
    func take(_ line: UnsafeBufferPointer<UInt8>, from name: String) throws(ToolFailure) {
        do throws(EventError) {
            try decoder.decodeEvent(line)
            switch decoder.kind {
            case .bookSnapshot: try takeBook(isDelta: false)
            case .bookDelta: try takeBook(isDelta: true)
            case .feedStatus: try takeStatus()
            default: break
            }
        } catch {
            takePossibleBreak()
            try faults.note(line, counter: error.counter, message: "\(name): \(error)")
        }
    }

    private func takeBook(isDelta: Bool) throws(EventError) {
        let market = try decoder.requireText(.market)
        let instrument = try decoder.requireText(.instrument)
        guard question.covers(decoder.received), meets(market, instrument) else { return }
        let key = BookKey(feed: try decoder.requireText(.feed), venue: try decoder.requireText(.venue), instrument: instrument)
        let line = try BookLine(decoder, isDelta: isDelta)
        let label = isDelta ? nil : try decoder.text(.label)?.string
        books[key, default: CollectedBook(market: market.string)].take(line, market: market.string, label: label)
    }

    /// Whether a line is about something that is asked for.
    private func meets(_ market: JSONText, _ instrument: JSONText) -> Bool {
        var isAsked = false
        for (place, name) in question.names.enumerated() where BookQuestion.isName(name, market) || BookQuestion.isName(name, instrument) {
            isMet[place] = true
            isAsked = true
        }
        return isAsked
    }

    private func takeStatus() throws(EventError) {
        guard question.covers(decoder.received), let broken = try BookBreak(decoder) else { return }
        let feed = BookKey.name(try decoder.requireText(.feed))
        let venue = BookKey.name(try decoder.requireText(.venue))
        breaks[feed, default: []].append(CollectedBreak(broken, received: decoder.received, venue: venue))
    }

    /// Better too many books unknown than one known that is not: a break of which cannot be read what it concerns may concern any.
    private func takePossibleBreak() {
        guard BookBreak.isPossible(decoder), let feed = try? decoder.text(.feed), let micros = try? decoder.integer(.recvUs),
            question.covers(Timestamp(micros: micros))
        else { return }
        let state = (try? decoder.text(.state)).map { $0?.string ?? "" } ?? ""
        breaks[BookKey.name(feed), default: []].append(CollectedBreak(ofAll: state, received: Timestamp(micros: micros)))
    }

    /// The first break behind the snapshot of a book that concerns it.
    private func broken(_ key: BookKey, _ snapshot: BookLine?) -> CollectedBreak? {
        guard let snapshot else { return nil }
        return (breaks[key.feed] ?? []).filter { $0.received >= snapshot.received && $0.concerns(key, conn: snapshot.conn) }
            .min { $0.precedes($1) }
    }

    /// From when on a book is unknown by what its feed has told so far, so that later lines of it change nothing; nil if by nothing.
    func brokenMicros(_ key: BookKey) -> Int64? { broken(key, books[key]?.snapshot)?.received }

    /// The names that no line was about.
    var unmetNames: [String] { zip(question.names, isMet).filter { !$0.1 }.map(\.0) }

    /// What is known of each book, in the order of a stream.
    ///
    /// Of an instrument of which no feed has told a snapshot there is one answer for all feeds.
    func answers() -> [BookAnswer] {
        var answers: [BookAnswer] = []
        var bare: [BookKey: CollectedBook] = [:]
        for (key, book) in books {
            guard book.snapshot == nil else {
                let outcome = book.outcome(broken(key, book.snapshot))
                answers.append(BookAnswer(key: key, market: book.market, label: book.label, outcome: outcome))
                continue
            }
            if bare[key.ofAnyFeed].map({ $0.latest < book.latest }) ?? true { bare[key.ofAnyFeed] = book }
        }
        let told = Set(answers.map(\.key.ofAnyFeed))
        for (key, book) in bare where !told.contains(key) {
            answers.append(BookAnswer(key: key, market: book.market, label: nil, outcome: book.outcome(nil)))
        }
        return answers.sorted(by: BookAnswer.precedes)
    }
}
