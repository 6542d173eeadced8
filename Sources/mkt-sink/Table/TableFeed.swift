import JSON
import MarketModel

/// How a feed, or another stage that says something, is.
struct TableFeed {
    /// Safe for a terminal.
    let name: String
    /// The last state but `heartbeat` and `drift`, which say that all is as it was; nil before the first word.
    private(set) var state: String?
    private(set) var reason = ""
    /// The receive time of the line that told the state.
    private(set) var stateReceived = Timestamp(micros: 0)
    /// The receive time of its last line.
    private(set) var received = Timestamp(micros: .min)
    private(set) var rate = RateWindow()
    private(set) var connections = FeedConnections()
    private(set) var gapCount: Int64 = 0
    /// Whether it is a stage that is no feed.
    private(set) var isStage = false

    init(name: String) { self.name = name.isEmpty ? "-" : name }

    /// Whether nothing is wrong as far as it told.
    var isHealthy: Bool {
        guard connections.downCount == 0 else { return false }
        return switch state {
        case nil, "live", "heartbeat": true
        case "stopped": isStage
        default: false
        }
    }

    mutating func count(at second: Int64, received time: Timestamp) {
        rate.count(at: second)
        received = max(received, time)
    }

    /// A snapshot came over it, so it is up.
    mutating func open(_ conn: Int64) { connections.open(conn) }

    /// Takes a `feed_status` line; false if it says nothing new.
    mutating func takeStatus(_ decoder: borrowing EventDecoder) throws(EventError) -> Bool {
        let word = try decoder.requireText(.state)
        let conn = try decoder.integer(.conn)
        switch word.string {
        case "heartbeat", "drift": return takeSilent(word, decoder.received)
        case "connecting", "live": if let conn { connections.open(conn) }
        case "disconnected":
            if let conn { connections.close(conn, isRetried: try decoder.integer(.retryInUs) != nil) }
        case "stopped": connections.removeAll()
        case "gap": gapCount += 1
        default: break
        }
        set(SafeText.make(word), try decoder.text(.reason).map { SafeText.make($0) } ?? "", decoder.received)
        return true
    }

    /// Takes a `stage_status` line; false if it says nothing new.
    mutating func takeStage(_ decoder: borrowing EventDecoder) throws(EventError) -> Bool {
        isStage = true
        let word = try decoder.requireText(.state)
        if word.isEqual(to: "heartbeat") { return takeSilent(word, decoder.received) }
        set(SafeText.make(word), "", decoder.received)
        return true
    }

    private mutating func takeSilent(_ word: JSONText, _ time: Timestamp) -> Bool {
        if state == nil, word.isEqual(to: "heartbeat") { set("heartbeat", "", time) }
        return false
    }

    private mutating func set(_ state: String, _ reason: String, _ time: Timestamp) {
        self.state = state
        self.reason = reason
        stateReceived = time
    }
}
