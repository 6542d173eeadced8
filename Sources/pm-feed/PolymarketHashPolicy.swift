import MarketModel

/// Tells a book that went wrong from a recipe that changed: the one concerns a market, the other all of them.
///
/// The venue has changed what goes into the hash before, without notice; clients that took that for lost data stormed its REST API.
/// What decides is a whole book that comes from the venue: it needs nothing of ours, so if its hash disagrees too, the recipe is another.
/// Books of REST alone do not decide: REST has given books that never were under hashes of true ones, so the stream must have disagreed too.
struct PolymarketHashPolicy {
    /// Markets in doubt at once with which one whole book that disagrees is enough.
    static let marketsMax = 3
    /// Whole books of different tokens that disagree in a row are enough by themselves.
    static let wholeBooksMax = 2
    /// Disagreements that are enough where nothing has ever agreed.
    static let disagreementsAloneMax = 20

    var recipe = PolymarketBookHash.Recipe.tenKeys
    private(set) var isOff = false
    private(set) var hasEverAgreed = false
    /// The last two markets that agreed, and when: to see whether one other than a given market has.
    private var lastAgreed: (market: String, at: Timestamp)?
    private var otherAgreed: (market: String, at: Timestamp)?
    private var disagreementCount = 0
    private var disagreeingMarkets: Set<String> = []
    private var wholeBooks: Set<String> = []
    private var hasStreamDisagreed = false

    /// The recipe may be about to change.
    var isInDoubt: Bool { disagreementCount > 0 }

    /// Whether a market other than `market` has agreed since `moment`: then the recipe is right.
    func hasAgreed(otherThan market: String, since moment: Timestamp) -> Bool {
        [lastAgreed, otherAgreed].contains { $0.map { $0.market != market && $0.at >= moment } ?? false }
    }

    mutating func noteAgreement(market: String, at time: Timestamp) {
        hasEverAgreed = true
        if let last = lastAgreed, last.market != market { otherAgreed = last }
        lastAgreed = (market, time)
        forgetDisagreements()
    }

    private mutating func forgetDisagreements() {
        guard disagreementCount > 0 else { return }
        disagreementCount = 0
        disagreeingMarkets.removeAll()
        wholeBooks.removeAll()
        hasStreamDisagreed = false
    }

    /// The recipe was right after all.
    mutating func switchOn() { isOff = false }

    /// Whether this was the disagreement that switches the hash off.
    ///
    /// `wholeBook`: the token, if its book came whole from the venue just now and all that its hash needs is known. `isStream`: by a socket.
    mutating func noteDisagreement(market: String, wholeBook: String?, isStream: Bool) -> Bool {
        disagreementCount += 1
        disagreeingMarkets.insert(market)
        if isStream { hasStreamDisagreed = true }
        if let wholeBook { wholeBooks.insert(wholeBook) }
        let isProved =
            hasEverAgreed && wholeBook != nil && hasStreamDisagreed
            && (disagreeingMarkets.count >= PolymarketHashPolicy.marketsMax
                || wholeBooks.count >= PolymarketHashPolicy.wholeBooksMax)
        let isHopeless = !hasEverAgreed && disagreementCount >= PolymarketHashPolicy.disagreementsAloneMax
        guard isProved || isHopeless else { return false }
        isOff = true
        forgetDisagreements()
        return true
    }
}
