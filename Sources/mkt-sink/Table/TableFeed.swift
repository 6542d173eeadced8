import JSON
import MarketModel

/// How a feed, or another stage that says something, is.
struct TableFeed {
    /// Safe for a terminal.
    let name: String
    /// The last word but `heartbeat` and `drift`, which say that all is as it was; nil before the first.
    private(set) var last: FeedWord?
    /// The receive time of its last line.
    private(set) var received = Timestamp(micros: .min)
    private(set) var rate = RateWindow()
    private(set) var connections = FeedConnections()
    private(set) var gapCount: Int64 = 0
    /// Whether it is a stage that is no feed.
    private(set) var isStage = false

    init(name: String) { self.name = name.isEmpty ? "-" : name }

    /// What is shown of it: the worst of what its connections are in; of a stage its last word.
    var shown: FeedWord? { isStage ? last : connections.worst }

    /// Whether nothing is wrong as far as it told.
    var isHealthy: Bool {
        guard connections.downCount == 0, let shown else { return connections.downCount == 0 }
        return shown.rank == 0 || (isStage && shown.state == "stopped")
    }

    mutating func count(at second: Int64, received time: Timestamp) {
        rate.count(at: second)
        received = received.followed(by: time)
    }

    /// A snapshot came over it, so it is up.
    mutating func open(_ conn: Int64) { connections.open(conn) }

    /// Takes a `feed_status` line; false if it says nothing new.
    mutating func takeStatus(_ decoder: borrowing EventDecoder) throws(EventError) -> Bool {
        let state = try decoder.requireText(.state)
        let conn = try decoder.integer(.conn)
        let word = FeedWord(
            SafeText.make(state), reason: try decoder.text(.reason).map { SafeText.make($0) } ?? "", at: decoder.received)
        // Names that cannot be read may be any.
        let names = (try? BookBreak.instruments(decoder))?.map(\.string)
        switch state.string {
        case "heartbeat", "drift":
            if word.state == "heartbeat" { connections.begin(word) }
            return false
        case "connecting":
            if let conn { connections.open(conn) }
            connections.set(word, conn: conn)
        case "live":
            if let conn { connections.open(conn) }
            if let names { connections.heal(names, conn: conn) } else { connections.set(word, conn: conn) }
        case "disconnected":
            guard let conn else { connections.set(word, conn: nil); break }
            connections.close(conn, isRetried: try decoder.integer(.retryInUs) != nil, word)
        case "stopped": connections.stop(word)
        case "lagging": connections.lag(try decoder.integer(.sinceUs) == nil ? word : nil)
        default:
            if state.isEqual(to: "gap") { gapCount += 1 }
            if let names { connections.hurt(names, word, conn: conn) } else { connections.set(word, conn: conn) }
        }
        last = word
        return true
    }

    /// Takes a `stage_status` line; false if it says nothing new.
    mutating func takeStage(_ decoder: borrowing EventDecoder) throws(EventError) -> Bool {
        isStage = true
        let word = FeedWord(SafeText.make(try decoder.requireText(.state)), at: decoder.received)
        let isBeat = word.state == "heartbeat"
        if !isBeat || last == nil { last = word }
        return !isBeat
    }
}
