import Curl
import FeedSession
import Logging
import MarketModel
import UnixTool
import WebSocketClient

/// A live session with Kalshi: which markets to ask for, where, and what to do about what does not come.
///
/// What the venue's messages mean is `KalshiVenue`'s business; here it is decided what to send and what to ask.
final class KalshiLive: LiveAdapter {
    let configuration: KalshiLiveConfiguration
    let signer: KalshiSigner
    let secrets: Secrets
    let venue: KalshiVenue
    let news = KalshiNews()
    let logger: Logger
    let channels: [KalshiChannel]
    let quietMicros: Int64
    var slots: KalshiSlots
    var plans: [Int64: KalshiSocketPlan] = [:]
    var slotOfConn: [Int64: Int] = [:]
    var gate = KalshiGate()
    var resolver = KalshiResolver()
    var facts = KalshiFacts()
    var fees = KalshiFeeFacts()
    var tradeHoles = KalshiTradeHoles()
    /// Markets that each wish has brought, to know what a wish that is dropped takes with it.
    var tickersOfWish: [KalshiWish: [String]] = [:]
    /// Tickers that were asked for by themselves and wait for REST to say that they exist.
    var unchecked: Set<String> = []
    /// Markets for which a connection was given up once: not again.
    var hopeless: Set<String> = []
    var nextLook = Timestamp(micros: 0)
    var startTime = Timestamp(micros: 0)
    var wasRESTAnswered = false
    var isRESTAway = false
    var statusQuestion: Int?
    /// When something last came on the trades of each slot.
    var tradesSeen: [Int: Timestamp] = [:]
    var hasOpenedLifecycle = false
    /// Something was changed outside of `act`.
    var isTouched = true
    private var workDue: Timestamp?
    /// When a run that has found nothing yet is looked at.
    private var patienceDue: Timestamp?
    /// What was asked for at first was found, or cannot be found for now.
    private var isComplete = false
    /// Events and series that do not exist.
    var unknownWishes: Set<KalshiWish> = []
    var lastRESTTrouble: KalshiAnswer.Trouble?
    var toldBugs: Set<Int64> = []

    init(_ configuration: KalshiConfiguration, _ credentials: KalshiCredentials, _ venue: KalshiVenue, logger: Logger) {
        self.configuration = configuration.session
        signer = KalshiSigner(credentials: credentials)
        secrets = credentials.secrets
        self.venue = venue
        self.logger = logger
        slots = KalshiSlots(redundancy: configuration.live.redundancy, tickersMax: configuration.session.marketsPerSocket)
        channels = KalshiLive.channels(configuration)
        quietMicros = min(10_000_000, max(500_000, (configuration.feed.staleMicros ?? 30_000_000) / 3))
        venue.news = news
    }

    private static func channels(_ configuration: KalshiConfiguration) -> [KalshiChannel] {
        var channels: [KalshiChannel] = []
        if configuration.channels.contains(.book) { channels.append(.book) }
        if configuration.channels.contains(.trade) { channels.append(.trade) }
        if configuration.channels.contains(.ticker) { channels.append(.ticker) }
        // Markets that are made and markets that are over are told there, whatever is shown.
        if !configuration.session.hasNoMarkets { channels.append(.lifecycle) }
        if configuration.session.isUser { channels += [.fill, .userOrders, .marketPositions] }
        return channels
    }

    // MARK: Sockets

    func dial(slot: Int, at time: Timestamp) throws -> (address: WebSocketAddress, headers: [(name: String, value: String)]) {
        do {
            return (configuration.address, try signer.headers(path: configuration.address.path, at: time))
        } catch {
            throw ToolFailure(.credentialsRefused, "\(error)")
        }
    }

    /// The venue pings, and answers pings.
    var sendsProtocolPings: Bool { true }

    func start(_ control: LiveControl, at time: Timestamp) throws {
        startTime = time
        patienceDue = time.advanced(byMicros: SessionRules().startPatienceMicros)
        slots.begin { control.addSlot() }
        let status = configuration.questions.exchangeStatus
        if gate.take(at: time) { statusQuestion = control.request(status.request, recordedPath: status.path).id }
        for wish in try configuration.wishes() { want(wish, control, at: time) }
        ask(control, at: time)
    }

    func opened(conn: Int64, slot: Int, _ control: LiveControl, at time: Timestamp) {
        isTouched = true
        slotOfConn[conn] = slot
        let own = channels.filter { $0.namesMarkets || slots.isFirst(slot: slot) }
        plans[conn] = KalshiSocketPlan(channels: own, tickers: slots.tickers(ofSlot: slot), hopeless: hopeless, openedAt: time)
    }

    func judge(conn: Int64, slot: Int, _ trouble: SocketTrouble) -> SocketTrouble { trouble }

    func ended(conn: Int64, slot: Int, _ trouble: SocketTrouble, _ control: LiveControl, at time: Timestamp) {
        isTouched = true
        plans[conn] = nil
        slotOfConn[conn] = nil
    }

    // MARK: What is wanted

    func want(_ wish: KalshiWish, _ control: LiveControl, at time: Timestamp) {
        guard tickersOfWish[wish] == nil else { return }
        tickersOfWish[wish] = []
        guard case .ticker(let ticker) = wish else { return resolver.add(wish, at: time) }
        guard configuration.shard.includes(ticker) else { return }
        unchecked.insert(ticker)
        facts.want([ticker], at: time)
    }

    /// Markets are asked for over the sockets from now on.
    func add(_ tickers: [String], for wish: KalshiWish, event: String? = nil, _ control: LiveControl, at time: Timestamp) {
        let own = tickers.filter { configuration.shard.includes($0) }
        tickersOfWish[wish, default: []] += own
        for ticker in own { fees.want(series: venue.registry.series(of: ticker), event: event, at: time) }
        for change in slots.add(own, addSlot: { control.addSlot() }) { apply(gain: change) }
    }

    private func apply(gain change: KalshiSlots.Change) {
        for (conn, slot) in slotOfConn where slot == change.slot { plans[conn]?.add(change.tickers) }
    }

    private func apply(loss change: KalshiSlots.Change) {
        for (conn, slot) in slotOfConn where slot == change.slot { plans[conn]?.drop(change.tickers) }
    }

    /// Markets are not wanted any more.
    func forget(_ tickers: [String], _ control: LiveControl, reason: String) {
        let (changes, emptied) = slots.remove(tickers)
        for change in changes { apply(loss: change) }
        for slot in emptied { control.removeSlot(slot, reason: reason) }
        facts.forget(tickers)
        unchecked.subtract(tickers)
        hopeless.subtract(tickers)
    }

    /// The venue takes no more markets on a socket.
    func move(_ tickers: [String], from slot: Int, _ control: LiveControl) {
        let (losses, gains) = slots.overflow(slot: slot, tickers) { control.addSlot() }
        for change in losses { apply(loss: change) }
        for change in gains { apply(gain: change) }
        logger.notice("the venue takes no more markets on one subscription; \(tickers.count) go over another socket")
    }

    // MARK: Time

    func act(_ control: LiveControl, at time: Timestamp) throws {
        // A frame that brings a change of a book, as nearly all do, leaves nothing to be done.
        guard isTouched || !news.isEmpty || workDue.map({ $0 <= time }) ?? false else { return }
        for item in news.take() { take(item, control, at: time) }
        for conn in plans.keys.sorted() { try lookAfter(conn, control, at: time) }
        lookForSilence(control, at: time)
        isComplete = isComplete || isRESTAway || (resolver.isIdle && unchecked.isEmpty)
        for conn in plans.keys.sorted() {
            while let frame = plans[conn]?.takeFrame(isComplete: isComplete, at: time) { control.send(frame, on: conn) }
        }
        ask(control, at: time)
        try checkProgress(control, at: time)
        if let due = patienceDue, due <= time { patienceDue = nil }
        isTouched = false
        workDue = nextWork
    }

    func ask(_ control: LiveControl, at time: Timestamp) {
        tradeHoles.act(control, configuration.questions, &gate, at: time)
        facts.act(control, configuration.questions, &gate, at: time)
        resolver.act(control, configuration.questions, &gate, at: time)
        fees.act(control, configuration.questions, &gate, at: time)
    }

    var nextDeadline: Timestamp? { isTouched ? nextWork : workDue }

    private var nextWork: Timestamp? {
        var next: Timestamp? = .earliest(patienceDue, .earliest(tradeHoles.nextDeadline(gate), facts.nextDeadline(gate)))
        next = .earliest(next, .earliest(resolver.nextDeadline(gate), fees.nextDeadline(gate)))
        for plan in plans.values { next = .earliest(next, plan.nextDeadline) }
        return plans.isEmpty ? next : .earliest(next, nextLook)
    }

    /// A run that finds nothing to watch, or has nothing left, ends.
    private func checkProgress(_ control: LiveControl, at time: Timestamp) throws {
        guard slots.tickerCount == 0, !configuration.isUser else { return }
        guard resolver.isIdle, facts.isIdle else {
            guard !wasRESTAnswered, case .network(let words) = lastRESTTrouble, unchecked.isEmpty,
                time.micros(since: startTime) >= SessionRules().startPatienceMicros
            else { return }
            throw SessionFailure.noNetwork("\(words) (\(configuration.questions.base))").toolFailure
        }
        guard !tickersOfWish.keys.contains(where: { $0.isOpenEnded && !unknownWishes.contains($0) }) else { return }
        guard tickersOfWish.contains(where: { !$0.value.isEmpty }) else {
            let words = tickersOfWish.keys.map(\.words).sorted().joined(separator: ", ")
            throw ToolFailure(.noInput, "no open market answers to \(words); look for one with: kalshi-feed --list TEXT")
        }
        control.finish("every market is settled; nothing is left to watch")
    }

    // MARK: SIGHUP

    func reload(_ control: LiveControl, at time: Timestamp) throws {
        isTouched = true
        let wishes: [KalshiWish]
        do {
            wishes = try configuration.wishes()
        } catch {
            return logger.error("\(error.message); the markets stay as they are")
        }
        let wanted = Set(wishes)
        var leaving: Set<String> = []
        for wish in tickersOfWish.keys.filter({ !wanted.contains($0) }) {
            resolver.remove(wish)
            leaving.formUnion(tickersOfWish.removeValue(forKey: wish) ?? [])
            unknownWishes.remove(wish)
            if case .ticker(let ticker) = wish { leaving.insert(ticker) }
        }
        for tickers in tickersOfWish.values { leaving.subtract(tickers) }
        forget(leaving.sorted(), control, reason: "not wanted any more")
        for wish in wishes { want(wish, control, at: time) }
        logger.notice("markets read again: \(wanted.count) wanted, \(leaving.count) dropped")
    }
}
