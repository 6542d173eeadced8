import MarketModel

/// A rule that looks for an instrument which has not followed a linked one, at work on a link.
///
/// At every sight it notes what has changed at the top of either book; what comes of it is told when `lag` is over, by `take`.
final class LaggardWatch: GroupWatch {
    /// One of the two as it was seen last.
    private struct Sighted {
        var top = BookTop()
        /// Since when best bid and best ask are the same.
        var since = Timestamp(micros: 0)
        /// Mids; empty before the first.
        var window = MoveWindow()
    }

    /// What a sight has brought.
    struct News {
        /// The members whose moves have begun, and when `take` is to be asked about them.
        var begun: [(place: Int, due: Timestamp)] = []
        /// The members whose moves have ended before that; for `--explain`.
        var ended: [(place: Int, move: Move, isFollowed: Bool)] = []
    }

    /// A move that the other has not followed so far.
    struct Move: Equatable {
        let from: MoveWindow.Point
        /// Twice the mid in millionths, when it had gone far enough.
        let toDoubled: Int64
        /// When the other has had its time.
        let due: Timestamp
    }

    private(set) var strategy: StaleQuoteStrategy
    // Unchecked, as in `GroupWatch`.
    @exclusivity(unchecked) private var sighted: [Sighted] = []
    @exclusivity(unchecked) private var moves: [Move?] = [nil, nil]
    @exclusivity(unchecked) private var breaksSeen = 0

    init(_ assignment: Assignment, _ strategy: StaleQuoteStrategy, link: Link, rank: Int) {
        self.strategy = strategy
        super.init(assignment, link: link, rank: rank)
    }

    override func takeTask(_ task: GroupTask?) {
        if case .laggard(let strategy) = task { self.strategy = strategy }
        restart()
    }

    override func restart() {
        sighted = []
        moves = [nil, nil]
    }

    /// Takes a sight of a link that is usable.
    func see(_ router: borrowing Router, at now: Timestamp) -> News {
        let breaks = breaks(router)
        // What happened unseen, or before the clock was set back, is no move.
        if breaks != breaksSeen || sighted.contains(where: { $0.since > now }) { restart() }
        breaksSeen = breaks
        guard !sighted.isEmpty else {
            for place in members.indices { begin(place, router, at: now) }
            return News()
        }
        var news = News()
        for place in members.indices where router.books[books[place]].top != sighted[place].top {
            sighted[place].top = router.books[books[place]].top
            sighted[place].since = now
            end(1 - place, isFollowed: true, &news)
            follow(place, router.books[books[place]].mark, at: now, &news)
        }
        return news
    }

    private func end(_ place: Int, isFollowed: Bool, _ news: inout News) {
        guard let move = moves[place] else { return }
        moves[place] = nil
        news.ended.append((place, move, isFollowed))
    }

    private func begin(_ place: Int, _ router: borrowing Router, at now: Timestamp) {
        let top = router.books[books[place]].top
        let fresh = Sighted(top: top, since: now)
        // Known from now on, whatever the time of its line: that may lie ahead where time runs back.
        var mark = router.books[books[place]].mark
        mark.received = now
        if let mid = top.doubleMidMillionths { fresh.window.restart(mid, at: mark) }
        sighted.append(fresh)
    }

    /// Looks where the mid of a member has gone.
    private func follow(_ place: Int, _ mark: BookMark, at now: Timestamp, _ news: inout News) {
        guard let mid = sighted[place].top.doubleMidMillionths, mid != sighted[place].window.current else { return }
        sighted[place].window.add(mid, at: mark, windowMicros: strategy.windowMicros)
        if let move = moves[place] {
            if isFar(mid, from: move.from.doubleMid, as: move.toDoubled) { return }
            end(place, isFollowed: false, &news)
        }
        guard let from = sighted[place].window.farthest, isFar(mid, from: from.doubleMid, as: mid),
            sighted[1 - place].since <= now.advanced(byMicros: -strategy.windowMicros)
        else { return }
        let due = now.advanced(byMicros: strategy.lagMicros)
        moves[place] = Move(from: from, toDoubled: mid, due: due)
        sighted[place].window.restart(mid, at: mark)
        news.begun.append((place, due))
    }

    /// Whether a mid is `min_move` or more away from where it came from, on the side of `other`.
    private func isFar(_ mid: Int64, from: Int64, as other: Int64) -> Bool {
        let way = other > from ? mid - from : from - mid
        return way >= 2 * strategy.minMove
    }

    /// The move of a member that has become due, if the other has still not followed and all may still be used.
    func take(_ place: Int, due: Timestamp, _ router: borrowing Router) -> Move? {
        guard let move = moves[place], move.due == due else { return nil }
        moves[place] = nil
        guard isComplete, isInScope, findBooks(router), breaks(router) == breaksSeen,
            members.allSatisfy({ router.instruments[$0.instrument].facts.isOpen }), !router.books[books[1 - place]].top.isCrossed
        else { return nil }
        return move
    }

    /// Twice the mid of a member, as it was seen last.
    func mid(of place: Int) -> Int64? { sighted[place].window.current }
}
