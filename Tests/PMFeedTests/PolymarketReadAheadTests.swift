import JSON
import MarketModel
import TestSupport
import Testing

@testable import FeedSession
@testable import pm_feed

/// Frames that are read ahead of their turn give what frames give that are read in it.
@Suite struct PolymarketReadAheadTests {
    private static let wire = WireBook()
    private static let mirror = WireBook(asset: "555")
    private static let own = #"{"auth":{"apiKey":"k","secret":"…","passphrase":"…"},"type":"user","markets":[]}"#

    /// A frame of the usual ones, of the rare ones, or of none.
    private static func frame(_ random: inout SeededGenerator, _ millis: Int64) -> String {
        let price = random.pick(["0.41", "0.39", "0.5", "0.410", ".4", "0", "1", "0.0000001", "2"])
        let size = random.pick(["1", "0", "12.5", "3.0", "-1", "x"])
        let side = random.pick(["BUY", "SELL", "BUY", "SELL", "HOLD"])
        switch random.below(12) {
        case 0: return wire.frame(millis)
        case 1: return "[\(wire.frame(millis)),\(mirror.frame(millis))]\n"
        case 2: return wire.trade(price, size, side, millis)
        case 3: return random.pick(["PONG", "", " ", "x", "{", "[1,{}]", "null", #"{"event_type":"new"}"#])
        case 4:
            return
                #"{"market":"m","asset_id":"\#(wire.asset)","best_bid":"\#(price)","best_ask":"0.7","spread":"0.1","timestamp":"\#(millis)","event_type":"best_bid_ask"}"#
        case 5:
            return
                #"{"market":"m","asset_id":"\#(wire.asset)","new_tick_size":"\#(price)","timestamp":"\#(millis)","event_type":"tick_size_change"}"#
        default:
            let entries = (0...random.below(3)).map { _ in
                random.pick([wire, mirror]).entry(side, price, size, millis, hash: random.chance(4) ? "not a hash" : nil)
            }
            return wire.message(entries, millis)
        }
    }

    /// The frame, or one with something wrong or new in it.
    private static func spoilt(_ frame: String, _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = Array(frame.utf8)
        guard !bytes.isEmpty, random.chance(3) else { return bytes }
        let place = random.below(bytes.count)
        switch random.below(6) {
        case 0: bytes[place] = UInt8(random.below(256))
        case 1: bytes.removeSubrange(place...)
        case 2: bytes.remove(at: place)
        case 3: bytes = Array(frame.replacing("{\"", with: "{\"new\(random.below(3))\":[1],\"").utf8)
        case 4: bytes = Array(frame.replacing(":", with: " : ").utf8)
        default: bytes = Array(frame.replacing("price", with: "pr\\u0069ce").utf8)
        }
        return bytes
    }

    private struct Arrival {
        let conn: Int64
        let frame: [UInt8]
        let time: Timestamp
    }

    /// Takes frames that are read ahead, so many at a time; none of them is where it was read when its turn comes.
    ///
    /// - Parameter isLate: The second half of them is left, as where the thread that reads ahead is late.
    private func takeAhead(_ arrivals: [Arrival], _ session: Session, _ reader: PolymarketFrameReader, isLate: Bool = false) throws -> Int {
        let frames = PolymarketReadFrames()
        for (index, arrival) in arrivals.enumerated() {
            guard !isLate || index < arrivals.count / 2 else {
                reader.leave(onto: frames)
                continue
            }
            Session.withText(arrival.frame) { reader.read($0, onto: frames) }
        }
        var count = 0
        for (index, arrival) in arrivals.enumerated() {
            if case .unread = frames.entries[index] {} else { count += 1 }
            session.venue.expect(frames, index)
            try Session.withText(arrival.frame) {
                try session.engine.take($0, read: frames, index, conn: arrival.conn, at: arrival.time)
            }
        }
        return count
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8])
    func framesReadAhead_giveWhatFramesReadInTurnGive(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let arguments = random.pick([[], ["--verify", "all"], ["--verify", "off"], ["--quotes"]])
        let (inTurn, ahead) = (try Session(arguments), try Session(arguments))
        let reader = ahead.venue.makeReader()
        let conns = Int64(random.pick([1, 3]))
        for session in [inTurn, ahead] {
            for conn in 1...conns { try session.open(conn) }
            if seed.isMultiple(of: 2) { try session.send(Self.own, conn: 3) }
        }
        var micros = Session.start + 10_000_000
        var readCount = 0
        for _ in 0..<60 {
            let arrivals = (0...random.below(20)).map { _ in
                micros += Int64(random.below(300_000))
                let frame = Self.spoilt(Self.frame(&random, venueMillis + (micros - Session.start) / 1000), &random)
                return Arrival(conn: Int64(1 + random.below(3)), frame: frame, time: Timestamp(micros: micros))
            }
            for arrival in arrivals {
                try Session.withText(arrival.frame) {
                    _ = try inTurn.engine.take(.received(conn: arrival.conn, frame: $0, at: arrival.time))
                }
            }
            readCount += try takeAhead(arrivals, ahead, reader, isLate: random.chance(3))
            #expect(try ahead.lines() == inTurn.lines())
        }
        #expect(ahead.output.allCounters.line == inTurn.output.allCounters.line)
        #expect(ahead.rejects == inTurn.rejects && ahead.books == inTurn.books)
        #expect(readCount > 50)
    }

    /// A token that comes twice in an entry is the last one; it may be told later than usual, where another frame had another one.
    @Test func tokens_haveTheirNumbers_whereverTheyAreTold() {
        func frame(_ market: String, _ entries: String...) -> [UInt8] {
            let rest = #""timestamp":"1790267104513","event_type":"price_change""#
            return Array(#"{"market":"\#(market)","price_changes":[\#(entries.joined(separator: ","))],\#(rest)}"#.utf8)
        }
        func entry(_ token: String) -> String { #"{"asset_id":"\#(token)",\#(level)}"# }
        let level = #""price":"0.41","size":"5","side":"BUY","hash":"h""#
        let reader = PolymarketFrameReader()
        let frames = PolymarketReadFrames()
        let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: 1000)
        defer { memory.deallocate() }
        let late = #"{\#(level),"asset_id":"333"}"#
        let twice = #"{"asset_id":"111",\#(level),"asset_id":"222"}"#
        // In the third frame a token is where that of the fourth one will be.
        let filling = String(repeating: "m", count: level.utf8.count + 1)
        for frame in [
            frame("m", entry("111"), entry("222")), frame("m", twice, entry("111")), frame("m" + filling, entry("111")), frame("m", late),
        ] {
            memory.update(from: frame, count: frame.count)
            reader.read(JSONText(base: memory, count: frame.count), onto: frames)
        }
        #expect(frames.changes.elements.map(\.token) == [1, 2, 2, 1, 1, 3])
    }

    @Test(.enabled(if: Fixtures.areHere, Comment(rawValue: Fixtures.absence)))
    func capturedFrames_readAhead_giveTheSame() throws {
        let (inTurn, ahead) = (try Session(["--verify", "all"]), try Session(["--verify", "all"]))
        let reader = ahead.venue.makeReader()
        var texts = [Fixtures.text("ws-initial-books-2026-09-24.json")]
        texts += Fixtures.lines("ws-frames-2026-09-24.ndjson").map { Fixtures.string("raw", of: $0) }
        texts += Fixtures.lines("ws-one-of-each-2026-08.ndjson").map { Fixtures.string("raw", of: $0) }
        texts += Fixtures.lines("ws-odd-cases-2026-05.ndjson")
        let arrivals = texts.enumerated().map {
            Arrival(conn: 1, frame: Array($1.utf8), time: Timestamp(micros: Session.start + Int64($0) * 1000))
        }
        for session in [inTurn, ahead] { try session.open() }
        for arrival in arrivals {
            try Session.withText(arrival.frame) { _ = try inTurn.engine.take(.received(conn: 1, frame: $0, at: arrival.time)) }
        }
        #expect(try takeAhead(arrivals, ahead, reader) > 33)
        #expect(try ahead.lines() == inTurn.lines() && ahead.rejects == inTurn.rejects)
    }

    @Test func otherReader_beginsNumbersAnew() throws {
        let session = try Session()
        try session.open()
        try session.receive("[\(Self.wire.frame(venueMillis)),\(Self.mirror.frame(venueMillis))]")
        for token in [Self.wire, Self.mirror] {
            // Both tokens are number 1, each with its own reader.
            let frame = token.message([token.entry("BUY", "0.41", "7", venueMillis + 1)], venueMillis + 1)
            let arrival = Arrival(conn: 1, frame: Array(frame.utf8), time: Timestamp(micros: session.now + 1000))
            #expect(try takeAhead([arrival], session, session.venue.makeReader()) == 1)
            #expect(session.knownBook(token.asset)?.size(at: Price(millionths: 410_000), on: .bid) == Size(millionths: 7_000_000))
        }
    }
}
