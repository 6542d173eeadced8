import JSON
import MarketModel
import Segments
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
    /// What may hold lines that count and cannot be read.
    private(set) var lost: [SegmentFault] = []
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
    /// - Returns: The line's receive time; nil if it is no event.
    @discardableResult
    func take(_ line: UnsafeBufferPointer<UInt8>, from name: String) throws(ToolFailure) -> Timestamp? {
        do throws(EventError) {
            try decoder.decodeEvent(line)
            switch decoder.kind {
            case .bookSnapshot: try takeBook(isDelta: false)
            case .bookDelta: try takeBook(isDelta: true)
            case .feedStatus: try takeStatus()
            default: break
            }
            return decoder.received
        } catch {
            takePossibleBreak()
            try faults.note(line, counter: error.counter, message: "\(name): \(error)")
            return nil
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
        let (one, other) = (question.nameSet.place(of: market), question.nameSet.place(of: instrument))
        if let one { isMet[one] = true }
        if let other { isMet[other] = true }
        return one != nil || other != nil
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

    /// Takes notice of what cannot be read, if it may hold lines that count.
    func lose(_ fault: SegmentFault) {
        if fault.times.overlaps(question.times) { lost.append(fault) }
    }

    /// What may hide lines of a book, or feign some: of its feed, and not before the snapshot that it stands on.
    private func lost(_ key: BookKey, _ snapshot: BookLine?) -> SegmentFault? {
        let feed = key.feed.withUnsafeBufferPointer { SegmentName.safe($0) }
        return lost.first { fault in
            let isOfFeed = fault.feed == nil || key.feed.isEmpty || fault.feed == feed
            return isOfFeed && fault.times.upperBound >= snapshot?.received ?? .min
        }
    }

    private func outcome(_ key: BookKey, _ book: CollectedBook) -> CollectedBook.Outcome {
        guard let fault = lost(key, book.snapshot) else { return book.outcome(broken(key, book.snapshot)) }
        return .unknown(BookCause(kind: .lost(fault), received: Timestamp(micros: book.latest)))
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
                answers.append(BookAnswer(key: key, market: book.market, label: book.label, outcome: outcome(key, book)))
                continue
            }
            if bare[key.ofAnyFeed].map({ $0.latest < book.latest }) ?? true { bare[key.ofAnyFeed] = book }
        }
        let told = Set(answers.map(\.key.ofAnyFeed))
        for (key, book) in bare where !told.contains(key) {
            answers.append(BookAnswer(key: key, market: book.market, label: nil, outcome: outcome(key, book)))
        }
        return answers.sorted(by: BookAnswer.precedes)
    }
}
