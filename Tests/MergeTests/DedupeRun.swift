import JSON
import MarketModel

@testable import mkt_merge

/// Plays lines to `Dedupe` as the loop does, and keeps what would be written.
final class DedupeRun {
    let dedupe: Dedupe
    private(set) var output: [String] = []
    private(set) var malformed: [EventError] = []
    /// Inputs that are not quiet when a timer asks; only for live runs.
    var busyInputs: Set<Int> = []
    private let isLive: Bool

    init(_ kinds: [MergeOrder.Kind] = [.recorded, .recorded], name: String = "merge", deadAfter: DedupeSettings.DeadAfter = .heartbeat) {
        dedupe = Dedupe(DedupeSettings(name: name, deadAfter: deadAfter), inputs: kinds)
        isLive = kinds.contains(.live)
    }

    /// A line of input `input`; live it arrives at `now`, our clock.
    func take(_ line: String, from input: Int = 0, now: Int64 = 0) throws {
        let bytes = Array(line.utf8)
        try bytes.withUnsafeBufferPointer { bytes in
            guard let received = LineKeys.find(in: bytes, names: false)?.received else { return }
            if !isLive { pass(to: received) }
            switch try dedupe.take(bytes, from: input, received: received, arrivedMicros: now, nowMicros: now) {
            case .pass: output.append(line)
            case .copy, .absorbed: break
            case .malformed(let error): malformed.append(error)
            }
            collect()
        }
    }

    func pass(to micros: Int64) {
        if isLive { for input in dedupe.inputs.indices where !busyInputs.contains(input) { dedupe.findQuiet(input: input, at: micros) } }
        if dedupe.isDue(at: micros) { dedupe.pass(to: micros) { !self.busyInputs.contains($0) } }
        collect()
    }

    func end(_ input: Int, now: Int64 = 0) {
        dedupe.end(input: input, nowMicros: now)
        collect()
    }

    private func collect() {
        let text = String(decoding: dedupe.lines.bytes, as: UTF8.self)
        output += text.split(separator: "\n").map(String.init)
        dedupe.lines.removeAll()
    }

    /// What was written since the last time, in few words: `snapshot 3 resync bid 0.4x2`, `gap I,J`, else the line's feed and type.
    func takeNews() -> [String] {
        defer { output = [] }
        return output.map { line in
            var decoder = EventDecoder()
            let bytes = Array(line.utf8)
            return bytes.withUnsafeBufferPointer { bytes in
                guard (try? decoder.decodeEvent(bytes)) != nil else { return line }
                return DedupeRun.words(decoder)
            }
        }
    }

    private static func words(_ event: borrowing EventDecoder) -> String {
        let feed = (try? event.text(.feed))??.string ?? ""
        let instrument = (try? event.text(.instrument))??.string ?? ""
        let seq = (try? event.integer(.seq))?.map { " \($0)" } ?? ""
        let reason = (try? event.text(.reason))??.string ?? ""
        let levels = event.bids.map { " \($0.price.millionths / 10_000)x\($0.size.millionths / 1_000_000)" }.joined()
        switch event.kind {
        case .bookSnapshot: return "\(feed) \(instrument)\(seq) \(reason)\(levels)"
        case .bookDelta: return "\(feed) \(instrument)\(seq)\(levels)"
        case .feedStatus:
            let list = (try? event.container(.instruments))??.string ?? ""
            return "\(feed) \((try? event.text(.state))??.string ?? "") \(list)"
        default: return "\(feed) \(event.kind.map { "\($0.name)" } ?? "?")"
        }
    }
}

/// Lines of a feed, as short as a test needs them.
struct FeedLines {
    let feed: String
    var venue = "v"

    private func head(_ type: String, _ received: Int64, instrument: String? = nil, conn: Int? = 1, seq: Int? = nil, venueTime: Int64?)
        -> String
    {
        var text = "{\"v\":1,\"type\":\"\(type)\",\"feed\":\"\(feed)\",\"venue\":\"\(venue)\""
        if let instrument { text += ",\"market\":\"M\",\"instrument\":\"\(instrument)\"" }
        if let conn { text += ",\"conn\":\(conn)" }
        if let seq { text += ",\"seq\":\(seq)" }
        text += ",\"recv_us\":\(received)"
        if let venueTime { text += ",\"venue_us\":\(venueTime)" }
        return text
    }

    func snapshot(
        _ received: Int64, seq: Int = 1, _ bids: String = "[0.4,2]", _ reason: String = "initial", instrument: String = "I", conn: Int? = 1,
        venueTime: Int64? = nil
    ) -> String {
        head("book_snapshot", received, instrument: instrument, conn: conn, seq: seq, venueTime: venueTime)
            + ",\"bids\":[\(bids)],\"asks\":[],\"reason\":\"\(reason)\"}"
    }

    func delta(
        _ received: Int64, seq: Int, _ bids: String = "[0.4,3]", instrument: String = "I", conn: Int? = 1, venueTime: Int64? = nil
    ) -> String {
        head("book_delta", received, instrument: instrument, conn: conn, seq: seq, venueTime: venueTime)
            + ",\"bids\":[\(bids)],\"asks\":[]}"
    }

    func status(_ received: Int64, _ state: String, conn: Int? = 1, instruments: String? = nil) -> String {
        head("feed_status", received, conn: conn, venueTime: nil) + ",\"state\":\"\(state)\""
            + (instruments.map { ",\"instruments\":[\($0)]" } ?? "") + "}"
    }

    func heartbeat(_ received: Int64) -> String { status(received, "heartbeat", conn: nil) }

    func trade(_ received: Int64, id: String? = nil, tx: String? = nil, price: String = "0.5", venueTime: Int64? = 7) -> String {
        head("trade", received, instrument: "I", venueTime: venueTime) + ",\"price\":\(price),\"size\":1,\"aggressor_side\":\"buy\""
            + (id.map { ",\"trade_id\":\"\($0)\"" } ?? "") + (tx.map { ",\"tx\":\"\($0)\"" } ?? "") + "}"
    }
}
