import Curl
import FeedSession
import JSON
import Logging
import MarketModel
import UnixTool
import WebSocketClient

/// A live session with Polymarket: which tokens to ask for, where, and what to do about those that do not come.
///
/// What the venue's messages mean is `PolymarketVenue`'s business; here it is decided what to send and what to ask.
final class PolymarketLive: LiveAdapter {
    let configuration: PolymarketLiveConfiguration
    let secrets: Secrets
    let venue: PolymarketVenue
    let logger: Logger
    let resolver: PolymarketResolver
    var slots: PolymarketSlots
    var plans: [Int64: PolymarketSocketPlan] = [:]
    var slotOfConn: [Int64: Int] = [:]
    var repairs = PolymarketRepairs()
    var audit: PolymarketAudit
    var facts: PolymarketFacts
    var resolutions: PolymarketResolutions
    /// The account's own channel; nil without `--user`.
    var user: PolymarketUserSession?
    /// Tokens that each wish has brought, to know what a wish that is dropped takes with it.
    var tokensOfWish: [PolymarketWish: [String]] = [:]
    /// Questions for whole books, by request.
    var bookQuestions: [Int: [String]] = [:]
    private var startTime = Timestamp(micros: 0)
    /// When something is due next, as of the last look; between frames there is nothing to look for.
    private(set) var nextDeadline: Timestamp?
    /// Something has happened that may want an answer.
    private var hasNews = true
    private var hasToldUnresolved = false

    init(
        _ configuration: PolymarketLiveConfiguration, _ venue: PolymarketVenue, _ credentials: PolymarketCredentials? = nil,
        redundancy: Int,
        staleMicros: Int64?, logger: Logger
    ) {
        self.configuration = configuration
        secrets = credentials?.secrets ?? .none
        self.venue = venue
        self.logger = logger
        resolver = PolymarketResolver(configuration.questions)
        slots = PolymarketSlots(redundancy: redundancy)
        audit = PolymarketAudit(silenceMicros: (staleMicros ?? 60_000_000) / 2)
        facts = PolymarketFacts(configuration.questions)
        resolutions = PolymarketResolutions(configuration.questions)
        user = PolymarketUserSession(configuration, credentials, venue.user, logger)
    }

    // MARK: Sockets

    func dial(slot: Int, at time: Timestamp) -> (address: WebSocketAddress, headers: [(name: String, value: String)]) {
        (user.flatMap { $0.slot == slot ? $0.address : nil } ?? configuration.address, [])
    }

    /// The venue answers `PING` with `PONG`, text for text.
    var sendsProtocolPings: Bool { false }

    func start(_ control: LiveControl, at time: Timestamp) throws {
        startTime = time
        for wish in try configuration.wishes() { want(wish, control, at: time) }
        guard !tokensOfWish.isEmpty || configuration.hasNoMarkets else {
            throw ToolFailure(.noInput, "\(configuration.marketsPath ?? "MARKET") names no market; give one a line")
        }
        // A connection that hears of new markets needs no token.
        if configuration.isAll { _ = slots.addEmpty { control.addSlot() } }
        user?.start(control)
        resolver.act(control, at: time)
    }

    func opened(conn: Int64, slot: Int, _ control: LiveControl, at time: Timestamp) {
        hasNews = true
        guard slot != user?.slot else { return user?.opened(conn, at: time) ?? () }
        slotOfConn[conn] = slot
        plans[conn] = PolymarketSocketPlan(tokens: slots.tokens(ofSlot: slot), openedAt: time)
    }

    func judge(conn: Int64, slot: Int, _ trouble: SocketTrouble) -> SocketTrouble {
        if let judged = user?.judge(conn, slot: slot, trouble) { return judged }
        // A frame of ours that the venue cannot read will be as wrong the next time: not to be hammered (dossier §1.5).
        guard trouble.code == 1008 else { return trouble }
        return SocketTrouble(.busy, trouble.words, code: trouble.code, retryAfterMicros: 30_000_000)
    }

    func ended(conn: Int64, slot: Int, _ trouble: SocketTrouble, _ control: LiveControl, at time: Timestamp) {
        hasNews = true
        guard slot != user?.slot else { return user?.ended(conn, trouble, at: time) ?? () }
        plans[conn] = nil
        slotOfConn[conn] = nil
        if trouble.code == 1000, trouble.words.contains("resolved") {
            return leaveResolved(slot, control, at: time)
        }
        if trouble.code == 1013 {
            let surplus = slots.halve(slot: slot)
            if !surplus.isEmpty {
                logger.notice("the venue calls connection \(conn) too slow; \(surplus.count) of its tokens go to another")
            }
            for token in surplus { move(token, control, at: time) }
        }
    }

    /// "All subscribed assets resolved": the same list is not asked for again; what is open all the same comes back.
    private func leaveResolved(_ slot: Int, _ control: LiveControl, at time: Timestamp) {
        let tokens = slots.tokens(ofSlot: slot)
        forget(tokens, control, reason: "all of its markets are resolved")
        for token in tokens { resolutions.check(venue.registry.market(of: token) ?? "", tokens: [token], at: time) }
    }

    // MARK: What is wanted

    func want(_ wish: PolymarketWish, _ control: LiveControl, at time: Timestamp) {
        guard tokensOfWish[wish] == nil else { return }
        tokensOfWish[wish] = []
        guard case .token(let token) = wish else { return resolver.add(wish, at: time) }
        guard configuration.shard.includes(token) else { return }
        // A token needs no directory; its label and its fee come when they can.
        add([token], for: wish, control, at: time)
        facts.want(token, at: time)
    }

    func add(_ tokens: [String], for wish: PolymarketWish, _ control: LiveControl, at time: Timestamp) {
        tokensOfWish[wish, default: []] += tokens
        for change in slots.add(tokens, addSlot: { control.addSlot() }) { send(change) }
    }

    /// Tokens come over a slot's sockets from now on; one that is not up yet asks for all of them when it is.
    private func send(_ change: PolymarketSlots.Change) {
        for (conn, slot) in slotOfConn where slot == change.slot { plans[conn]?.add(change.tokens) }
    }

    private func unsend(_ change: PolymarketSlots.Change) {
        for (conn, slot) in slotOfConn where slot == change.slot { plans[conn]?.drop(change.tokens) }
    }

    /// Tokens are not wanted any more.
    func forget(_ tokens: [String], _ control: LiveControl, reason: String) {
        let (changes, emptied) = slots.remove(tokens)
        for change in changes { unsend(change) }
        for slot in emptied { control.removeSlot(slot, reason: reason) }
        for token in tokens {
            repairs.remove(token)
            facts.forget(token)
        }
        // Somebody has to hear of the next markets.
        if configuration.isAll, !slots.hasSlots { _ = slots.addEmpty { control.addSlot() } }
    }

    /// One token goes over another socket: this one does not speak of it.
    func move(_ token: String, _ control: LiveControl, at time: Timestamp) {
        venue.output.logger.notice("token \(token.prefix(12))… goes to another connection")
        let (losses, gains, emptied) = slots.move(token) { control.addSlot() }
        for change in losses { unsend(change) }
        for change in gains { send(change) }
        for slot in emptied { control.removeSlot(slot, reason: "nothing is left on it") }
    }

    // MARK: Time

    func act(_ control: LiveControl, at time: Timestamp) throws {
        guard hasNews || venue.hasNews || nextDeadline.map({ $0 <= time }) ?? false else { return }
        hasNews = false
        for conn in plans.keys.sorted() {
            while let frame = plans[conn]?.takeFrame(at: time) { control.send(frame, on: conn) }
        }
        resolver.act(control, at: time)
        facts.act(control, at: time)
        takeNews(control, at: time)
        resolutions.act(control, at: time)
        lookAfterBooks(control, at: time)
        user?.act(control, at: time)
        try checkProgress(control, at: time)
        nextDeadline = findDeadline()
    }

    private func findDeadline() -> Timestamp? {
        // Repairs that are due wait for an answer while all questions are on their way.
        var next: Timestamp? = .earliest(resolver.nextDeadline, canAskForBooks ? repairs.nextDeadline : nil)
        next = .earliest(.earliest(next, facts.nextDeadline), .earliest(resolutions.nextDeadline, audit.nextDeadline))
        for plan in plans.values { next = .earliest(next, plan.nextDeadline) }
        return .earliest(next, user?.nextDeadline)
    }

    /// A run that finds nothing to watch, or has nothing left, ends.
    private func checkProgress(_ control: LiveControl, at time: Timestamp) throws {
        // A list that is empty now may be filled later.
        guard slots.tokenCount == 0, !configuration.isAll, !configuration.hasNoMarkets, !tokensOfWish.isEmpty else { return }
        guard resolver.isIdle, resolutions.isIdle else {
            guard !resolver.wasAnswered, !hasToldUnresolved, let words = resolver.trouble,
                time.micros(since: startTime) >= SessionRules().startPatienceMicros
            else { return }
            hasToldUnresolved = true
            throw SessionFailure.noNetwork(words).toolFailure
        }
        let wishes = tokensOfWish.filter { $0.value.isEmpty }.keys.map(\.words).sorted()
        guard wishes.isEmpty || tokensOfWish.contains(where: { !$0.value.isEmpty }) else {
            throw ToolFailure(
                .noInput, "no open market answers to \(wishes.joined(separator: ", ")); look for one with: pm-feed --list TEXT")
        }
        // Own orders may come all the same.
        guard user == nil else { return }
        control.finish("every market is resolved; nothing is left to watch")
    }

    // MARK: Answers

    func answered(
        _ request: LiveRequest, _ result: Result<RESTAnswer, RESTFailure>, _ control: LiveControl, at time: Timestamp
    ) {
        hasNews = true
        if user?.answered(request, result, control, at: time) ?? false { return }
        if let tokens = bookQuestions.removeValue(forKey: request.id) {
            takeBooks(tokens, result, control, at: time)
        } else if let finding = resolver.answered(request, result, control, at: time) {
            take(finding, control, at: time)
        } else if !facts.answered(request, result, control, logger, at: time) {
            take(resolutions.answered(request, result, control, at: time), control, at: time)
        }
    }

    private func take(_ finding: PolymarketResolver.Finding, _ control: LiveControl, at time: Timestamp) {
        guard tokensOfWish[finding.wish] != nil else { return }
        for market in finding.markets where market.hasBook && !market.isClosed && configuration.shard.includes(market.conditionID) {
            add(market.tokens, for: finding.wish, control, at: time)
        }
        if finding.faultCount > 0 {
            logger.warning(
                "\(finding.faultCount) market(s) of \(finding.wish.words) cannot be read and are left out; the venue has changed, please report it"
            )
        }
        if finding.isComplete, tokensOfWish[finding.wish]?.isEmpty ?? false, finding.wish != .all {
            logger.warning("no open market answers to \(finding.wish.words)")
        }
    }

    /// Markets that turned out to be over are left; those that are open come back.
    private func take(_ outcome: PolymarketResolutions.Outcome?, _ control: LiveControl, at time: Timestamp) {
        guard let outcome else { return }
        forget(outcome.over, control, reason: "its markets are resolved")
        for change in slots.add(outcome.open, addSlot: { control.addSlot() }) { send(change) }
    }

    // MARK: SIGHUP

    func reload(_ control: LiveControl, at time: Timestamp) throws {
        hasNews = true
        let wishes: [PolymarketWish]
        do {
            wishes = try configuration.wishes()
        } catch {
            return logger.error("\(error.message); the markets stay as they are")
        }
        let wanted = Set(wishes)
        let dropped = tokensOfWish.keys.filter { !wanted.contains($0) }
        var leaving: Set<String> = []
        for wish in dropped {
            resolver.remove(wish)
            leaving.formUnion(tokensOfWish.removeValue(forKey: wish) ?? [])
        }
        for tokens in tokensOfWish.values { leaving.subtract(tokens) }
        forget(leaving.sorted(), control, reason: "not wanted any more")
        for wish in wishes { want(wish, control, at: time) }
        logger.notice("markets read again: \(wanted.count) wanted, \(leaving.count) tokens dropped")
    }
}
