import JSON
import MarketModel

/// One of the feeds that are made one: what a feed process says through one input.
struct SourceFeed {
    /// Whether anything is heard of it.
    enum Voice: Equatable {
        case talking
        /// Nothing at all was heard for too long: its books are nobody's choice.
        case silent
        /// It talks again. A process that wakes up tells what it knew before it looks at what it missed, so it is not believed at once.
        case returning(untilMicros: Int64)
    }

    /// A margin on the heartbeat interval: a fifth, and at least so much.
    private static let slackMicrosMin: Int64 = 200_000
    private static let unlearnedMicros: Int64 = 12_000_000

    let feed: String
    let venue: String
    /// Where its lines come from.
    var input: Int
    let isRecorded: Bool
    /// It bears the name of the merged feed.
    let isNamesake: Bool
    /// Its input has not ended.
    var isOpen = true
    /// It said `stopped`; nothing more is expected of it.
    var hasStopped = false
    var voice = Voice.talking
    /// When its last line arrived, by the clock of the run.
    private(set) var heardMicros = Int64.min
    /// `recv_us` of its last line.
    private(set) var received = Int64.min
    /// The latest time of the venue's that it has told, of whatever instrument.
    private(set) var venueTime: Timestamp?
    var heartbeat = HeartbeatInterval()
    /// Its silence was noticed and let pass, because nobody else talks either; until it is heard again.
    var isExcused = false
    /// Its silence could not be proved, since its input has lines that wait; not before this time again.
    var probeMicros = Int64.min

    private let feedBytes: [UInt8]
    private let venueBytes: [UInt8]

    init(feed: String, venue: String, input: Int, isRecorded: Bool, isNamesake: Bool) {
        self.feed = feed
        self.venue = venue
        self.input = input
        self.isRecorded = isRecorded
        self.isNamesake = isNamesake
        feedBytes = Array(feed.utf8)
        venueBytes = Array(venue.utf8)
    }

    /// Whether a line's `feed` and `venue` are its own.
    func isNamed(_ feed: JSONText, _ venue: JSONText) -> Bool {
        if feed.hasEscapes || venue.hasEscapes { return feed.string == self.feed && venue.string == self.venue }
        return feed.isEqual(to: feedBytes) && venue.isEqual(to: venueBytes)
    }

    /// A line of it arrived. Its files and pipes may have ended before, and it may have said that it stops: it is back.
    mutating func hear(at micros: Int64, received: Int64, venueTime told: Int64?, returnMicros: Int64) {
        heardMicros = max(heardMicros, micros)
        self.received = received
        if let told { venueTime = max(venueTime ?? Timestamp(micros: told), Timestamp(micros: told)) }
        isExcused = false
        hasStopped = false
        if !isOpen {
            isOpen = true
            voice = .talking
            heartbeat = HeartbeatInterval()
        } else if voice == .silent {
            voice = .returning(untilMicros: Timestamp(micros: micros).advanced(byMicros: returnMicros).micros)
        }
    }

    /// Whether its known books may be shown.
    var isTrusted: Bool { isOpen && voice == .talking }

    /// How long it may say nothing; nil: for ever.
    func patienceMicros(_ deadAfter: DedupeSettings.DeadAfter) -> Int64? {
        switch deadAfter {
        case .never: nil
        case .micros(let micros): micros
        case .heartbeat:
            heartbeat.micros.map {
                Timestamp(micros: $0).advanced(byMicros: max($0 / 5, SourceFeed.slackMicrosMin)).micros
            } ?? SourceFeed.unlearnedMicros
        }
    }

    /// When something is due with it: it has been silent for too long, or has talked again for long enough.
    func dueMicros(_ deadAfter: DedupeSettings.DeadAfter) -> Int64? {
        guard isOpen, !hasStopped else { return nil }
        switch voice {
        case .silent: return nil
        case .returning(let until): return until
        case .talking:
            guard !isExcused, let patience = patienceMicros(deadAfter) else { return nil }
            return max(Timestamp(micros: heardMicros).advanced(byMicros: patience).micros, probeMicros)
        }
    }
}
