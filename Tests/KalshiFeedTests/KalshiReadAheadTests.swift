import JSON
import MarketModel
import TestSupport
import Testing

@testable import FeedSession
@testable import kalshi_feed

/// Frames that are read ahead of their turn give what frames give that are read in it.
@Suite struct KalshiReadAheadTests {
    private struct Arrival {
        let conn: Int64
        let frame: [UInt8]
        let time: Timestamp
    }

    private static let subscribed = #"{"id":1,"type":"subscribed","msg":{"channel":"orderbook_delta","sid":1}}"#

    /// A frame of the usual ones, of the rare ones, or of none; some sequence numbers are not the next.
    private static func frame(_ random: inout TestSupport.SeededGenerator, _ seq: inout Int) -> String {
        let (name, price) = (random.pick(["KX-A", "KX-B", "KX-\\u0041", ""]), random.pick(["0.4100", "0.5", "1.2", "x", "0.0000001"]))
        let (size, leg) = (random.pick(["5.00", "-5.00", "1.5", "-1e9", "0"]), random.pick(["yes", "no", "yes", "no", "maybe"]))
        seq += random.pick([1, 1, 1, 1, 1, 1, 1, 1, 2, 0])
        let head = #""sid":\#(random.pick([1, 1, 1, 2])),"seq":\#(seq)"#
        switch random.below(10) {
        case 0:
            return
                #"{"type":"orderbook_snapshot",\#(head),"msg":{"market_ticker":"\#(name)","yes_dollars_fp":[["0.4000","9.00"],["0.4100","30.00"]],"no_dollars_fp":[["0.5000","7.00"]]}}"#
        case 1:
            return
                #"{"type":"trade",\#(head),"msg":{"trade_id":"t\#(seq)","market_ticker":"\#(name)","yes_price_dollars":"0.41","no_price_dollars":"0.59","count_fp":"\#(size)","taker_side":"\#(leg)","ts":1790000000,"ts_ms":1790000000001}}"#
        case 2:
            return
                #"{"type":"ticker","sid":3,"msg":{"market_ticker":"\#(name)","price_dollars":"\#(price)","volume_fp":"1","ts":1790000000}}"#
        case 3:
            return random.pick([
                "", "x", "{}", "[]", subscribed, #"{"type":"new","sid":1,"msg":{}}"#, #"{"msg":{},"type":"orderbook_delta","sid":1}"#,
                #"{"type":"ok","sid":1,"seq":\#(seq),"market_tickers":["KX-A"]}"#, #"{"type":"error","msg":{"code":6,"msg":"no"}}"#,
            ])
        default:
            return
                #"{"type":"orderbook_delta",\#(head),"msg":{"market_ticker":"\#(name)","market_id":"i","price_dollars":"\#(price)","delta_fp":"\#(size)","side":"\#(leg)","ts":"2026-09-24T16:25:04.51Z","ts_ms":1790267104513}}"#
                + "\n"
        }
    }

    /// The frame, or one with something wrong or new in it.
    private static func spoilt(_ frame: String, _ random: inout TestSupport.SeededGenerator) -> [UInt8] {
        var bytes = Array(frame.utf8)
        guard !bytes.isEmpty, random.chance(4) else { return bytes }
        let place = random.below(bytes.count)
        switch random.below(7) {
        case 0: bytes[place] = UInt8(random.below(256))
        case 1: bytes.removeSubrange(place...)
        case 2: bytes.remove(at: place)
        case 3: bytes = Array(frame.replacing("{\"", with: "{\"new\(random.below(3))\":[1],\"").utf8)
        case 4: bytes = Array(frame.replacing(":", with: " : ").utf8)
        case 5:
            bytes = Array(
                frame.replacing("\"sid\":1", with: "\"sid\":\(random.pick(["null", "1.0", "01", "-1", "99999999999999999999"]))").utf8)
        default: bytes = Array(frame.replacing("price", with: "pr\\u0069ce").utf8)
        }
        return bytes
    }

    private func withText(_ bytes: [UInt8], _ body: (JSONText) throws -> Void) rethrows {
        let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: max(bytes.count, 1))
        defer { copy.deallocate() }
        copy.update(from: bytes, count: bytes.count)
        try body(JSONText(base: copy, count: bytes.count))
    }

    /// Takes frames that are read ahead, so many at a time; none of them is where it was read when its turn comes.
    ///
    /// - Parameter isLate: The second half of them is left, as where the thread that reads ahead is late.
    private func takeAhead(_ arrivals: [Arrival], _ session: Session, _ reader: KalshiFrameReader, isLate: Bool = false) throws -> Int {
        let frames = KalshiReadFrames()
        for (index, arrival) in arrivals.enumerated() {
            guard !isLate || index < arrivals.count / 2 else {
                reader.leave(onto: frames)
                continue
            }
            withText(arrival.frame) { reader.read($0, onto: frames) }
        }
        var count = 0
        for (index, arrival) in arrivals.enumerated() {
            if frames.entries[index] != nil { count += 1 }
            session.venue.expect(frames, index)
            try withText(arrival.frame) {
                try session.engine.take($0, read: frames, index, conn: arrival.conn, at: arrival.time)
            }
        }
        return count
    }

    private func takeInTurn(_ arrivals: [Arrival], _ session: Session) throws {
        for arrival in arrivals {
            try withText(arrival.frame) { _ = try session.engine.take(.received(conn: arrival.conn, frame: $0, at: arrival.time)) }
        }
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8])
    func framesReadAhead_giveWhatFramesReadInTurnGive(seed: UInt64) throws {
        var random = TestSupport.SeededGenerator(seed: seed)
        let arguments = random.pick([[], ["--channels", "book,trade,ticker,lifecycle"], ["--channels", "ticker"], ["--quotes"]])
        let (inTurn, ahead) = (try Session(arguments, rejects: true), try Session(arguments, rejects: true))
        let reader = ahead.venue.makeReader()
        let conns = Int64(random.pick([1, 2]))
        for session in [inTurn, ahead] {
            for conn in 1...conns { try session.open(conn) }
        }
        var (micros, readCount) = (inTurn.now, 0)
        var seqs = [0, 0]
        for _ in 0..<60 {
            let arrivals = (0...random.below(20)).map { _ in
                micros += Int64(random.below(300_000))
                let conn = random.below(Int(conns))
                let frame = Self.spoilt(Self.frame(&random, &seqs[conn]), &random)
                return Arrival(conn: Int64(conn + 1), frame: frame, time: Timestamp(micros: micros))
            }
            try takeInTurn(arrivals, inTurn)
            readCount += try takeAhead(arrivals, ahead, reader, isLate: random.chance(3))
            #expect(try ahead.lines() == inTurn.lines())
        }
        #expect(ahead.output.allCounters.line == inTurn.output.allCounters.line)
        #expect(ahead.rejects() == inTurn.rejects())
        #expect(readCount > 50)
    }

    /// Frames stand in the same memory, one after the other; the ticker of the second one is at the place of the first one's.
    @Test func aTicker_thatStandsWhereAnotherOneWas_isNotTakenForIt() {
        func delta(_ sid: String, _ ticker: String) -> [UInt8] {
            let rest = #""price_dollars":"0.41","delta_fp":"5.00","side":"yes","ts_ms":1790267104513"#
            return Array(#"{"type":"orderbook_delta","sid":\#(sid),"seq":1,"msg":{\#(ticker),\#(rest)}}"#.utf8)
        }
        let (usual, other) = (#""market_ticker":"KX-A""#, #" "market_ticker":"KX-B""#)
        let reader = KalshiFrameReader(wanted: [.book])
        let frames = KalshiReadFrames()
        let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: 1000)
        defer { memory.deallocate() }
        for frame in [delta("10", usual), delta("1", other), delta("10", usual), delta("1", other)] {
            memory.update(from: frame, count: frame.count)
            reader.read(JSONText(base: memory, count: frame.count), onto: frames)
        }
        #expect((0..<4).map { frames.market(of: $0) } == [1, 2, 1, 2])
    }

    @Test(.enabled(if: Fixtures.areHere, "the fixtures are not beside the project: skipped"))
    func capturedFrames_readAhead_giveTheSame() throws {
        let arguments = ["--channels", "book,trade,ticker,lifecycle"]
        let (inTurn, ahead) = (try Session(arguments, rejects: true), try Session(arguments, rejects: true))
        let reader = ahead.venue.makeReader()
        let arrivals = Fixtures.allFrames.enumerated().map {
            Arrival(conn: 1, frame: Array($1.utf8), time: Timestamp(micros: 1_790_000_000_000_000 + Int64($0) * 1000))
        }
        for session in [inTurn, ahead] { try session.open() }
        try takeInTurn(arrivals, inTurn)
        #expect(try takeAhead(arrivals, ahead, reader) > 10)
        #expect(try ahead.lines() == inTurn.lines() && ahead.rejects() == inTurn.rejects())
    }
}
