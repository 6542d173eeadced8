import FeedSession
import JSON
import MarketModel

/// Kalshi's answers to the session: frames in, events out.
///
/// A frame goes through its envelope, the sequence of its subscription, and then to the mapper or, if it answers a command, to
/// `KalshiVenue+Answers`.
final class KalshiVenue: Venue {
    let output: FeedOutput
    let registry: KalshiRegistry
    let breaks: KalshiBreaks
    let channels: KalshiChannels
    private let mapper: KalshiMapper
    private let directory: KalshiDirectory
    private let tradeFill: KalshiTradeFill
    private var connections: [Int64: KalshiConnection] = [:]
    /// The connection of the last frame: nearly always that of the next one.
    private var latest: KalshiConnection?
    var scratch = KalshiScratch()
    private(set) var nextDeadline: Timestamp?
    /// Error codes that were told on stderr.
    var toldErrors: Set<Int64> = []
    /// What a live session has to act upon; nil in a replay.
    var news: KalshiNews? {
        didSet {
            breaks.news = news
            mapper.news = news
        }
    }

    init(_ configuration: KalshiConfiguration, _ output: FeedOutput) {
        self.output = output
        channels = configuration.channels
        registry = KalshiRegistry(configuration, output)
        breaks = KalshiBreaks(configuration, output, registry)
        mapper = KalshiMapper(configuration, output, registry, breaks)
        directory = KalshiDirectory(output, registry)
        tradeFill = KalshiTradeFill(output, registry)
    }

    // MARK: Sockets

    func opened(conn: Int64, at time: Timestamp) {
        connections[conn] = KalshiConnection(conn, opened: time)
        latest = nil
        // Two recordings in one file: the number means another socket now.
        for market in registry.markets { market.forgetSnapshot(on: conn) }
        mapper.hasCopies = connections.count > 1
        findDeadline()
    }

    private func connection(_ conn: Int64, at time: Timestamp) -> KalshiConnection {
        if let latest, latest.conn == conn { return latest }
        let found = connections[conn] ?? KalshiConnection(conn, opened: time)
        connections[conn] = found
        latest = found
        return found
    }

    func sent(conn: Int64, frame: JSONText, at time: Timestamp) throws {
        let connection = connection(conn, at: time)
        let isFirst = !connection.subscription.hasSent
        guard let command = connection.subscription.noteSent(frame, openSids: connection.openSids) else { return }
        connection.noteSent(command, isFirst: isFirst, at: time)
        switch command.verb {
        case .getSnapshot: try tellResyncing(command, connection, at: time)
        case .subscribe, .addMarkets: try registry.noteAsked(command.tickers, channels: command.channels, at: time)
        case .list where !connection.isLive && connection.isWhole: try tellLiveIfWhole(connection, at: time)
        default: break
        }
        if !connection.isLive { findDeadline() }
    }

    func closed(conn: Int64, at time: Timestamp) throws -> [String]? {
        guard let connection = connections.removeValue(forKey: conn) else { return breaks.untouched(by: conn) }
        latest = nil
        findDeadline()
        mapper.hasCopies = connections.count > 1
        return try breaks.forget(connection, "the last connection is gone", at: time)
    }

    func staled(conn: Int64, at time: Timestamp) throws -> [String]? {
        guard let connection = connections[conn] else { return breaks.untouched(by: conn) }
        return try breaks.forget(connection, "the last connection is silent", at: time)
    }

    // MARK: Frames

    func received(conn: Int64, frame: JSONText, at time: Timestamp) throws -> Bool {
        let connection = connection(conn, at: time)
        try use(frame, connection, at: time) {
            let parsed = try KalshiFrame(frame, wanted: channels, &scratch)
            try take(parsed, frame, connection, at: time)
        }
        return true
    }

    /// Uses a frame; what is no use is rejected.
    @inline(__always)
    private func use(_ frame: JSONText, _ connection: KalshiConnection, at time: Timestamp, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch let error as JSONError {
            try output.reject(frame.bytes, counter: "frame", message: "a frame is not JSON: \(error)", at: time)
        } catch let fault as KalshiFault {
            try output.reject(frame.bytes, counter: "envelope", message: "a frame's envelope: \(fault.message)", at: time)
        }
        if scratch.unknownFields.hasFresh {
            for field in scratch.unknownFields.takeFresh() { try output.drift(field, conn: connection.conn, at: time) }
        }
        if !connection.isLive { try noteData(connection, at: time) }
    }

    func makeReader() -> KalshiFrameReader {
        registry.beginNumbers()
        return KalshiFrameReader(wanted: channels)
    }

    /// A book is three steps away, each of which needs the one before: where its market is, what is kept of it, its levels.
    func expect(_ read: KalshiReadFrames, _ index: Int) {
        guard registry.isLarge else { return }
        registry.askForPlace(read.market(of: index + 9))
        registry.askForMarket(read.market(of: index + 6))
        registry.askForLine(read.market(of: index + 3), read.side(of: index + 3))
    }

    func received(conn: Int64, frame: JSONText, read: KalshiReadFrames, _ index: Int, at time: Timestamp) throws -> Bool {
        guard let parsed = read.entries[index]?.frame(from: frame.base) else { return try received(conn: conn, frame: frame, at: time) }
        let connection = connection(conn, at: time)
        try use(frame, connection, at: time) { try take(parsed, frame, connection, at: time) }
        return true
    }

    private func take(_ parsed: KalshiFrame, _ frame: JSONText, _ connection: KalshiConnection, at time: Timestamp) throws {
        guard let number = parsed.sid else { return try takeWithoutSid(parsed, frame, connection, at: time) }
        let sid = connection.sid(number, channel: parsed.type?.channel)
        let arrival = KalshiArrival(connection: connection, sid: sid, frame: frame, time: time)
        if let seq = parsed.seq {
            guard try follow(seq, arrival) else { return }
        } else if sid.sequencer.last != nil, let type = parsed.type, type.channel == .book {
            // The venue numbers this subscription's frames, so this one's place is not known.
            return try mapper.refuse(type, .missing("seq"), parsed.message.ticker, arrival)
        }
        if let type = parsed.type {
            if try !takeAnswer(parsed, arrival) { try mapper.map(parsed.message, type, id: parsed.id, &scratch, arrival) }
        } else {
            try noteUnknown(parsed, frame, connection, at: time)
        }
        sid.lastGood = time
    }

    /// Judges a sequence number. False for a repetition, of which nothing may be used.
    private func follow(_ seq: UInt64, _ arrival: KalshiArrival) throws -> Bool {
        switch arrival.sid.sequencer.take(seq) {
        case .anchor, .next:
            return true
        case .repetition(let last):
            output.counters.add("duplicate_seq")
            try output.faults.keep(
                arrival.frame.bytes, reason: "seq \(seq) of sid \(arrival.sid.number) after \(last)", at: arrival.time)
            return false
        case .hole(let expected):
            try tellHole(KalshiBreaks.Hole(expected: expected, got: seq), arrival)
            return true
        }
    }

    private func tellHole(_ hole: KalshiBreaks.Hole, _ arrival: KalshiArrival) throws {
        output.counters.add("sequence_holes")
        let sid = arrival.sid
        news?.note(.hole(sid.channel, missing: hole.got - hole.expected, since: arrival.since, conn: arrival.conn))
        if sid.channel == .book || !sid.markets.isEmpty {
            try breaks.loseAll(
                of: sid, on: arrival.connection, "sequence", since: arrival.since, hole: hole, at: arrival.time)
        } else if let channel = sid.channel, !channels.isDisjoint(with: channel.option) {
            try breaks.tellLost("sequence of \(channel.name)", hole: hole, arrival)
        }
    }

    private func noteUnknown(
        _ parsed: KalshiFrame, _ frame: JSONText, _ connection: KalshiConnection, at time: Timestamp
    ) throws {
        output.counters.add("unknown_type")
        try output.faults.keep(frame.bytes, reason: "unknown type", at: time)
        try output.drift("message type \(parsed.typeName.name)", conn: connection.conn, at: time)
    }

    /// Frames without a sid at their top: acknowledgements, errors of the whole connection, and what is malformed.
    private func takeWithoutSid(
        _ parsed: KalshiFrame, _ frame: JSONText, _ connection: KalshiConnection, at time: Timestamp
    ) throws {
        guard let type = parsed.type else { return try noteUnknown(parsed, frame, connection, at: time) }
        guard type.channel == nil else {
            // Which subscription it belongs to is lost, and with it its place.
            let sid = connection.sids.first { $0.channel == type.channel } ?? KalshiSid(0, channel: type.channel)
            let arrival = KalshiArrival(connection: connection, sid: sid, frame: frame, time: time)
            return try mapper.refuse(type, .missing("sid"), parsed.message.ticker, arrival)
        }
        let arrival = KalshiArrival(connection: connection, sid: KalshiSid(0, channel: nil), frame: frame, time: time)
        if try !takeAnswer(parsed, arrival) { try mapper.map(parsed.message, type, id: parsed.id, &scratch, arrival) }
    }

    /// When the next connection is called live with what it has.
    func findDeadline() {
        let live = connections.values.lazy.filter { !$0.isLive && $0.hasData }.map(\.liveDeadline).min()
        nextDeadline = .earliest(live, tradeFill.nextDeadline)
    }

    /// When a frame last came on a subscription, or its acknowledgement; nil where there is none.
    func lastWord(_ conn: Int64, sid: Int64) -> Timestamp? {
        connections[conn]?.find(sid).flatMap { $0.lastGood ?? $0.acknowledged }
    }

    // MARK: REST and time

    func answered(path: JSONText, status: Int64, body: JSONText, at time: Timestamp) throws -> SilenceProof {
        guard status == 200 else {
            output.counters.add("rest_status_\(status)")
            return .none
        }
        do {
            let path = path.string
            if KalshiTradeFill.isTrades(path) {
                if channels.contains(.trade) {
                    try tradeFill.take(path: path, body: body, &scratch, &mapper.tradeMemory, at: time)
                    findDeadline()
                }
            } else {
                try directory.take(path: path, body: body, at: time)
            }
        } catch let error as JSONError {
            try output.reject(body.bytes, counter: "rest_body", message: "the answer to \(path.string) is not JSON: \(error)", at: time)
        } catch let fault as KalshiFault {
            try output.reject(body.bytes, counter: "rest_body", message: "the answer to \(path.string): \(fault.message)", at: time)
        }
        return .none
    }

    func passed(to time: Timestamp) throws {
        for conn in connections.keys.sorted() {
            guard let connection = connections[conn], !connection.isLive, connection.hasData, connection.liveDeadline <= time
            else { continue }
            try tellLive(connection, at: time)
        }
        try tradeFill.passed(to: time, &mapper.tradeMemory)
        findDeadline()
    }

    func forEachKnownBook(_ body: (FeedInstrument) throws -> Void) throws {
        guard channels.contains(.book) else { return }
        for market in registry.markets where market.instrument.book.isKnown && market.instrument.isShown {
            try body(market.instrument)
        }
    }
}
