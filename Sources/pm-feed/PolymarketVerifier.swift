import FeedSession
import JSON
import MarketModel

/// Decides whether a book may still be believed.
///
/// Two witnesses: the best bid and ask that the venue writes beside each change, checked always, and its hash over the whole book,
/// checked as `--verify` says. A disagreement is suspicion; when it persists the book is given up with one `gap`, and a hash that
/// agrees later, or a new book, takes it back. Source: venues dossier §2.9, §2.10.
final class PolymarketVerifier {
    /// One change in so many is checked under `sample`.
    private static let sampleEvery = 16

    private let verification: PolymarketConfiguration.Verification
    private let output: FeedOutput
    private var hash = PolymarketBookHash()
    private var policy = PolymarketHashPolicy()
    /// Books with an open suspicion, in the order in which it arose.
    private var suspects: [PolymarketBook] = []
    /// The suspicion that becomes a verdict first, as it was found last; nil where that is to be found anew.
    private var earliest: (book: PolymarketBook, deadline: Timestamp)?
    /// Books that were given up and not yet looked after by a live session, each once.
    private var lost: [PolymarketBook] = []

    init(_ verification: PolymarketConfiguration.Verification, _ output: FeedOutput) {
        self.verification = verification
        self.output = output
    }

    // MARK: Hashes

    /// Checks a whole book that came just now. True only if its hash was recomputed and agreed.
    ///
    /// - Parameter isStream: A socket brought it, not REST.
    func checkSnapshot(
        _ book: PolymarketBook, hash told: JSONText?, timestamp: JSONText, venueTime: Timestamp, at time: Timestamp, isStream: Bool = true
    ) throws -> Bool {
        acquit(book)
        guard verification != .off, let told, !told.isEmpty else { return false }
        if policy.isOff { return try checkOldRecipe(book, told, timestamp, at: time) }
        return try checkHash(book, [told], timestamp, venueTime, time, isWhole: true, isStream: isStream)
    }

    /// Nothing is held against the book any more: it came whole just now.
    func acquit(_ book: PolymarketBook) {
        book.hashSuspicion.clear()
        book.topSuspicion.clear()
        book.mustVerify = false
        if !suspects.isEmpty { suspects.removeAll { $0 === book } }
    }

    /// Whether a whole book's own hash proves it; nobody is accused if it does not.
    func isProved(_ book: PolymarketBook, hash told: JSONText?, timestamp: JSONText) -> Bool {
        guard let told, !told.isEmpty, verification != .off, !policy.isOff else { return false }
        return hash.agrees(book, timestamp: timestamp, hash: told, recipe: policy.recipe, effort: .neighbours)
    }

    /// Whether a whole book that has this hash must agree with it to be believed: hashes are checked, and have been right.
    func canRefute(_ told: JSONText?) -> Bool {
        guard let told, !told.isEmpty else { return false }
        return verification != .off && !policy.isOff && policy.hasEverAgreed
    }

    /// Whether the hash of a later message agrees with a book that was brought up to date to it; nil where hashes say nothing.
    func agreesLater(_ book: PolymarketBook, hash told: String?, stamp: String) -> Bool? {
        guard let told, !told.isEmpty, verification != .off, !policy.isOff, policy.hasEverAgreed else { return nil }
        return told.withText { told in
            stamp.withText { stamp in hash.agrees(book, timestamp: stamp, hash: told, recipe: policy.recipe, effort: .everyPrice) }
        }
    }

    /// Hashes are off; but a whole book that agrees needs nothing of ours and says that the recipe was right all along.
    private func checkOldRecipe(
        _ book: PolymarketBook, _ told: JSONText, _ timestamp: JSONText, at time: Timestamp
    ) throws -> Bool {
        guard hash.agrees(book, timestamp: timestamp, hash: told, recipe: policy.recipe, effort: .neighbours) else { return false }
        policy.switchOn()
        try output.drift("book hash recipe matches again; hashes are checked", conn: nil, at: time)
        noteAgreement(book, at: time)
        return true
    }

    /// Takes a whole book that came by REST beside the stream: it says whether the recipe is right, and nothing of our book.
    func takeWitness(_ book: PolymarketBook, hash told: JSONText?, timestamp: JSONText, venueTime: Timestamp, at time: Timestamp) throws {
        guard verification != .off, let told, !told.isEmpty else { return }
        if policy.isOff {
            _ = try checkOldRecipe(book, told, timestamp, at: time)
            return
        }
        _ = try checkHash(book, [told], timestamp, venueTime, time, isWhole: true, isStream: false)
    }

    /// Whether hashes are a witness.
    var checksHashes: Bool { verification != .off && !policy.isOff }

    /// Whether the hash of a book that has changed is to be checked now; asked once for each message that tells one.
    func isDue(_ book: PolymarketBook) -> Bool {
        book.uncheckedCount += 1
        // In doubt of the recipe every book is a witness: it must not take sixteen changes of each to find out.
        if verification == .all || policy.isInDoubt || book.mustVerify || book.hashSuspicion.isOpen || !book.instrument.book.isKnown {
            return true
        }
        return book.uncheckedCount >= PolymarketVerifier.sampleEvery
    }

    /// Checks a book against the hashes that a message tells of it, the last one first. True only if one of them agreed.
    func checkHash(
        _ book: PolymarketBook, _ hashes: [JSONText], _ timestamp: JSONText, _ venueTime: Timestamp, _ time: Timestamp,
        isWhole: Bool, isStream: Bool = true
    ) throws -> Bool {
        book.uncheckedCount = 0
        output.counters.count("hash_checks")
        // Guessing is for what a late print or tick can explain, and for the last word before a book is given up.
        let isLastWord = book.hashSuspicion.count + 1 >= Suspicion.countMax
        let effort: PolymarketBookHash.Effort = isLastWord && book.hasVerified ? .everyPrice : .neighbours
        for told in hashes where hash.agrees(book, timestamp: timestamp, hash: told, recipe: policy.recipe, effort: effort) {
            noteAgreement(book, at: time)
            return true
        }
        if isWhole, !policy.hasEverAgreed || policy.isInDoubt, try agreesWithOtherRecipe(book, hashes, timestamp, at: time) {
            noteAgreement(book, at: time)
            return true
        }
        output.counters.count("hash_disagreements")
        let hasAllInputs = book.hashInputs.minOrderSize != nil && book.hashInputs.isNegRisk != nil
        // A book that was given up already says nothing new; a whole book does.
        if isWhole || book.instrument.book.isKnown,
            policy.noteDisagreement(
                market: book.instrument.market, wholeBook: isWhole && hasAllInputs ? book.instrument.id : nil, isStream: isStream)
        {
            return try switchOff(at: time)
        }
        // A whole book that came just now is the venue's word; its hash accuses the recipe, not the book.
        if isWhole { return false }
        guard book.hasVerified else {
            // It may be of a kind that is never proved; then looking closely is for nothing.
            book.mustVerify = false
            return false
        }
        book.hashSuspicion.note(at: time, venueTime: venueTime)
        book.disagreement = hashes.first.map { (Array($0.bytes), Array(timestamp.bytes)) }
        addSuspect(book)
        try judge(book, at: time)
        return false
    }

    private func noteAgreement(_ book: PolymarketBook, at time: Timestamp) {
        output.counters.count("hash_agreements")
        policy.noteAgreement(market: book.instrument.market, at: time)
        book.hasVerified = true
        book.mustVerify = false
        book.hashSuspicion.clear()
        // The whole book is proved: a best price that disagrees with it is the venue's slip, not ours.
        book.topSuspicion.clear()
        book.instrument.agreed = time
        if !suspects.isEmpty { suspects.removeAll { $0 === book } }
    }

    private func agreesWithOtherRecipe(
        _ book: PolymarketBook, _ hashes: [JSONText], _ timestamp: JSONText, at time: Timestamp
    ) throws -> Bool {
        for recipe in PolymarketBookHash.Recipe.allCases where recipe != policy.recipe {
            for told in hashes where hash.agrees(book, timestamp: timestamp, hash: told, recipe: recipe, effort: .plain) {
                policy.recipe = recipe
                if recipe != .tenKeys { try output.drift("book hash recipe is now \(recipe)", conn: nil, at: time) }
                return true
            }
        }
        return false
    }

    /// The recipe no longer matches across tokens: hashes are not a witness any more, and nobody is accused by them.
    private func switchOff(at time: Timestamp) throws -> Bool {
        for book in suspects { book.hashSuspicion.clear() }
        suspects.removeAll { !$0.topSuspicion.isOpen }
        try output.drift("book hash recipe matches no longer; hashes are not checked from here on", conn: nil, at: time)
        return false
    }

    // MARK: Best prices

    /// Compares the venue's best prices after a change with the top of our book.
    func checkTop(_ book: PolymarketBook, bid: PolymarketTop, ask: PolymarketTop, venueTime: Timestamp, at time: Timestamp) throws {
        guard bid.isTold, ask.isTold else { return }
        guard let bidAgrees = bid.agrees(with: book.instrument.book.bids.bestPrice),
            let askAgrees = ask.agrees(with: book.instrument.book.asks.bestPrice)
        else {
            output.counters.add("best_price_unreadable")
            return
        }
        if bidAgrees && askAgrees {
            if book.topSuspicion.isOpen {
                book.topSuspicion.clear()
                if !book.hashSuspicion.isOpen { suspects.removeAll { $0 === book } }
            }
            // Best prices say little of what lies behind them: where hashes are a witness, only they prove a book.
            let hasHashes = verification != .off && !policy.isOff && book.hasVerified
            if !hasHashes { book.instrument.agreed = time }
            return
        }
        guard book.instrument.book.isKnown else { return }
        output.counters.count("best_price_disagreements")
        book.topSuspicion.note(at: time, venueTime: venueTime)
        addSuspect(book)
        try judge(book, at: time)
    }

    // MARK: Verdicts

    private func addSuspect(_ book: PolymarketBook) {
        if !suspects.contains(where: { $0 === book }) { suspects.append(book) }
        if earliest != nil { noteDeadline(book) }
    }

    /// Gives the book up if a suspicion has become a verdict.
    private func judge(_ book: PolymarketBook, at time: Timestamp) throws {
        if book.topSuspicion.isPersistent(at: time) {
            try giveUp(book, reason: "best prices disagree with the venue's", at: time)
        } else if book.hashSuspicion.isPersistent(at: time), isOurFault(book, at: time), !hasLastWord(book, at: time) {
            try giveUp(book, reason: "book hash disagrees with the venue's", at: time)
        }
    }

    /// Time was up before three strikes: whether the hash that disagreed last does agree with some last price.
    private func hasLastWord(_ book: PolymarketBook, at time: Timestamp) -> Bool {
        guard book.hashSuspicion.count < Suspicion.countMax, let (told, stamp) = book.disagreement, !policy.isOff else { return false }
        let agrees = told.withUnsafeBufferPointer { told in
            stamp.withUnsafeBufferPointer { stamp in
                hash.agrees(
                    book, timestamp: JSONText(base: stamp.baseAddress!, count: stamp.count),
                    hash: JSONText(base: told.baseAddress!, count: told.count), recipe: policy.recipe, effort: .everyPrice)
            }
        }
        if agrees { noteAgreement(book, at: time) }
        return agrees
    }

    /// Whether it is this book that is wrong, not the recipe: others still agree, or the time to find out is over.
    private func isOurFault(_ book: PolymarketBook, at time: Timestamp) -> Bool {
        guard let since = book.hashSuspicion.since else { return false }
        return policy.hasAgreed(otherThan: book.instrument.market, since: since)
            || time.micros(since: since) > Suspicion.toleranceMicros
    }

    private func giveUp(_ book: PolymarketBook, reason: String, at time: Timestamp) throws {
        suspects.removeAll { $0 === book }
        book.topSuspicion.clear()
        book.hashSuspicion.clear()
        try loseBook(book, reason: reason, at: time)
    }

    /// Makes a known book unknown, and says so.
    func loseBook(_ book: PolymarketBook, reason: String, at time: Timestamp) throws {
        guard book.instrument.book.isKnown else { return }
        book.instrument.book.markUnknown()
        book.beginOrder()
        book.missedChanges.removeAll()
        noteLost(book)
        output.counters.add("gaps")
        guard book.instrument.isShown else { return }
        try output.status(
            FeedStatus(
                .gap, conn: book.instrument.shownConn, reason: reason, since: book.instrument.agreed,
                instruments: [book.instrument.id]),
            at: time)
    }

    /// Somebody is to look after the book.
    func noteLost(_ book: PolymarketBook) {
        guard !book.isLostNoted else { return }
        book.isLostNoted = true
        lost.append(book)
    }

    var hasLost: Bool { !lost.isEmpty }

    /// Books that were given up since the last call.
    func takeLost() -> [PolymarketBook] {
        guard !lost.isEmpty else { return [] }
        defer { lost.removeAll() }
        for book in lost { book.isLostNoted = false }
        return lost
    }

    /// When a suspicion becomes a verdict if nothing else happens. Asked before every frame.
    var nextDeadline: Timestamp? {
        guard !suspects.isEmpty else { return nil }
        // As long as the suspicion stands that was the earliest, only one that is new can be earlier, and `addSuspect` looks at those.
        if let (book, deadline) = earliest, PolymarketVerifier.deadline(book) == deadline { return deadline }
        earliest = nil
        for book in suspects { noteDeadline(book) }
        return earliest?.deadline
    }

    private func noteDeadline(_ book: PolymarketBook) {
        guard let deadline = PolymarketVerifier.deadline(book) else { return }
        if let earliest, earliest.deadline <= deadline { return }
        earliest = (book, deadline)
    }

    private static func deadline(_ book: PolymarketBook) -> Timestamp? {
        .earliest(book.topSuspicion.deadline, book.hashSuspicion.deadline)
    }

    func passed(to time: Timestamp) throws {
        for book in suspects { try judge(book, at: time) }
    }
}
