import FeedSession
import MarketModel

/// What is to be sent on one socket, when, and what its answers mean for what comes next. Source: venues dossier §2 and §4.
///
/// It begins and ends its first subscription with `list_subscriptions`: a recording then says by itself when all was asked for, and
/// the venue's view of what is open is compared with ours.
struct KalshiSocketPlan {
    /// What the session has to do beyond sending.
    enum Finding: Equatable {
        /// The socket is no good.
        case drop(String)
        /// The venue takes no more markets here.
        case surplus([String])
        /// The venue wants other credentials.
        case unauthorised(String)
        case channelRefused(KalshiChannel)
        /// The venue does not know the market, or refuses it by itself.
        case marketRefused(String)
        /// A command of ours was wrong.
        case bug(code: Int64)
        /// Trades may be missing since the last that came.
        case tradesOpened
        case lifecycleOpened
        /// Markets that stay silent whatever is done.
        case silent([String])
    }

    static let listEveryMicros: Int64 = 60_000_000
    private static let listAfterTroubleMicros: Int64 = 2_000_000
    private static let spacingMicros: Int64 = 10_000
    private static let spacingMicrosMax: Int64 = 2_000_000
    /// Questions for whole books that may be on their way at once.
    private static let snapshotsMax = 2

    var channels: [KalshiChannelPlan]
    var flights = KalshiFlights()
    var books: KalshiBookWatch
    /// Findings since they were last taken.
    var findings: [Finding] = []
    private(set) var nextCommand: Timestamp
    /// The time between two commands; grows when the venue says that they are too many.
    private var spacingMicros = KalshiSocketPlan.spacingMicros
    private var listDue: Timestamp
    private(set) var isSubscribed = false
    /// Lists in a row that were not answered.
    var unansweredLists = 0
    private var hasBegun = false
    private var isComplete = false
    /// The last piece of each channel that was acknowledged, by the command's id: an error may follow its acknowledgement.
    var lastPieces: [Int64: (channel: KalshiChannel, tickers: [String])] = [:]
    /// Subscriptions that were open when the list on its way was asked for.
    private var listedSids: [Int64] = []
    /// Whole books to ask for, though nothing is missing.
    private var audits: [String] = []

    init(channels: [KalshiChannel], tickers: [String], hopeless: Set<String>, openedAt time: Timestamp) {
        self.channels = channels.map { KalshiChannelPlan($0, tickers: tickers, at: time) }
        books = KalshiBookWatch(hopeless: hopeless)
        nextCommand = time
        listDue = time
    }

    func index(_ channel: KalshiChannel) -> Int? { channels.firstIndex { $0.channel == channel } }

    func index(sid: Int64) -> Int? { channels.firstIndex { $0.sid == sid } }

    var bookSid: Int64? { index(.book).flatMap { channels[$0].sid } }

    // MARK: What is wanted

    mutating func add(_ tickers: [String]) {
        for index in channels.indices { channels[index].add(tickers) }
    }

    mutating func drop(_ tickers: [String]) {
        for index in channels.indices { channels[index].drop(tickers) }
        books.forget(tickers)
        audits.removeAll(where: tickers.contains)
    }

    /// Whole books of markets whose books are known: as a question whether they are as we think.
    mutating func audit(_ tickers: [String]) {
        if audits.isEmpty { audits = tickers }
    }

    /// A question on its way, or a command, says by itself whether the socket lives.
    var isAsking: Bool { !flights.isEmpty }

    // MARK: What is sent

    /// The next command that is due; call until it gives nil.
    ///
    /// - Parameter isComplete: what is to be subscribed is known: nothing more comes for now.
    mutating func takeFrame(isComplete: Bool, at time: Timestamp) -> String? {
        self.isComplete = isComplete
        guard time >= nextCommand, let frame = nextFrame(at: time) else { return nil }
        nextCommand = time.advanced(byMicros: spacingMicros)
        return frame
    }

    private mutating func nextFrame(at time: Timestamp) -> String? {
        if !hasBegun {
            hasBegun = true
            return list(at: time)
        }
        for index in channels.indices {
            if let command = channels[index].takeCommand(at: time) { return frame(command, channels[index].channel, at: time) }
        }
        if let sid = bookSid, flights.count({ $0.isSnapshots }) < KalshiSocketPlan.snapshotsMax {
            var tickers = books.takeDue(at: time)
            if tickers.isEmpty {
                tickers = audits
                audits = []
            }
            if !tickers.isEmpty {
                let id = flights.begin(.snapshots(left: tickers), at: time)
                return KalshiCommandText.getSnapshot(sid: sid, tickers: tickers, id: id)
            }
        }
        if !isSubscribed, isComplete, channels.allSatisfy(\.isSettled) {
            isSubscribed = true
            return list(at: time)
        }
        return isSubscribed && listDue <= time && !flights.contains({ $0 == .list }) ? list(at: time) : nil
    }

    private mutating func list(at time: Timestamp) -> String {
        listDue = time.advanced(byMicros: KalshiSocketPlan.listEveryMicros)
        listedSids = channels.compactMap(\.sid)
        return KalshiCommandText.listSubscriptions(id: flights.begin(.list, at: time))
    }

    private mutating func frame(_ command: KalshiChannelPlan.Command, _ channel: KalshiChannel, at time: Timestamp) -> String {
        let id = flights.begin(.channel(channel), at: time)
        switch command {
        case .subscribe(let tickers), .probe(let tickers): return KalshiCommandText.subscribe(channel, tickers: tickers, id: id)
        case .delete(let sid, let tickers): return KalshiCommandText.deleteMarkets(sid: sid, tickers: tickers, id: id)
        case .unsubscribe(let sid): return KalshiCommandText.unsubscribe(sid: sid, id: id)
        }
    }

    /// Asks a channel whether it lives; nil where that is not needed now.
    mutating func takeProbe(_ channel: KalshiChannel, at time: Timestamp) -> String? {
        guard isSubscribed, time >= nextCommand, let index = index(channel), let command = channels[index].takeProbe() else { return nil }
        nextCommand = time.advanced(byMicros: spacingMicros)
        return frame(command, channel, at: time)
    }

    /// The list is asked for soon: something is not as we thought.
    mutating func wantList(at time: Timestamp) {
        listDue = min(listDue, time.advanced(byMicros: KalshiSocketPlan.listAfterTroubleMicros))
    }

    mutating func slowDown(at time: Timestamp) {
        spacingMicros = min(max(spacingMicros, 25_000) * 2, KalshiSocketPlan.spacingMicrosMax)
        nextCommand = time.advanced(byMicros: spacingMicros)
    }

    func isListed(_ sid: Int64) -> Bool { listedSids.contains(sid) }

    var nextDeadline: Timestamp? {
        var next: Timestamp? = .earliest(flights.nextDeadline, isSubscribed ? listDue : nil)
        if !hasBegun || (!isSubscribed && isComplete && channels.allSatisfy(\.isSettled)) { next = .earliest(next, nextCommand) }
        for channel in channels { next = .earliest(next, channel.nextDeadline.map { max($0, nextCommand) }) }
        if bookSid != nil, flights.count({ $0.isSnapshots }) < KalshiSocketPlan.snapshotsMax {
            next = .earliest(next, books.nextDeadline.map { max($0, nextCommand) })
            if !audits.isEmpty { next = .earliest(next, nextCommand) }
        }
        return next
    }
}

extension KalshiFlights.Flight.Kind {
    var isSnapshots: Bool {
        if case .snapshots = self { true } else { false }
    }
}
