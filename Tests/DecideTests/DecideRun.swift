import JSON
import MarketModel
import UnixTool

@testable import mkt_decide

/// Rules over a handful of lines, as the tool would take them.
struct DecideRun {
    /// What tests look at of a decision.
    struct Decision: Equatable, CustomStringConvertible {
        let rule: String
        let note: String
        let received: Int64
        let id: String
        let line: String

        var description: String { "\(rule): \(note)" }
    }

    /// Every decision, in order.
    static func decisions(_ rules: String, _ lines: [String], links: [String] = []) throws -> [Decision] {
        try DecideRun.lines(rules, lines, links: links).map(parse)
    }

    /// Every note, in order.
    static func notes(_ rules: String, _ lines: [String], links: [String] = []) throws -> [String] {
        try decisions(rules, lines, links: links).map(\.note)
    }

    /// When something was decided.
    static func times(_ rules: String, _ lines: [String], links: [String] = []) throws -> [Int64] {
        try decisions(rules, lines, links: links).map(\.received)
    }

    /// - Parameters:
    ///   - links: Lines of a links file without its first one.
    ///   - latency: In microseconds, of orders on paper; nil for none.
    static func lines(_ rules: String, _ lines: [String], links: [String] = [], latency: Int64? = nil) throws -> [String] {
        let linkSet = try LinkFile.parse(([Link.columns.joined(separator: ",")] + links).joined(separator: "\n"), path: "links.csv")
        var engine = DecideEngine(try RuleFile.parse(rules, path: "rules.toml"), linkSet, paperLatencyMicros: latency)
        var writer = LineWriter(descriptor: -1)
        for line in lines {
            var line = line
            try line.withUTF8 { bytes in
                try engine.read(bytes)
                try engine.advance(&writer)
                try engine.act(&writer)
            }
        }
        try engine.finish(&writer)
        return String(decoding: writer.buffer.bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private static func parse(_ line: String) throws -> Decision {
        var decoder = EventDecoder()
        var line = line
        return try line.withUTF8 { bytes in
            try decoder.decodeEvent(bytes)
            return Decision(
                rule: try decoder.requireText(.rule).string, note: try decoder.requireText(.note).string,
                received: decoder.received.micros, id: try decoder.requireText(.id).string,
                line: String(decoding: bytes, as: UTF8.self))
        }
    }
}

/// Lines of one feed about one instrument; every test says only what matters to it.
struct Feed {
    var name = "pm"
    var venue = "polymarket"
    var market = "0xm"
    var instrument = "74"
    var label: String?
    var conn: Int? = 1

    private func envelope(_ type: String, _ time: Int, seq: Int? = nil) -> String {
        var text = #"{"v":1,"type":"\#(type)","feed":"\#(name)","venue":"\#(venue)","market":"\#(market)","instrument":"\#(instrument)""#
        if let label { text += #","label":"\#(label)""# }
        if let conn { text += #","conn":\#(conn)"# }
        if let seq { text += #","seq":\#(seq)"# }
        return text + #","recv_us":\#(time)"#
    }

    /// A snapshot with one level a side; nil is an empty side.
    func snapshot(_ seq: Int, _ bid: String?, _ ask: String?, at time: Int) -> String {
        envelope("book_snapshot", time, seq: seq) + #","bids":[\#(level(bid))],"asks":[\#(level(ask))],"reason":"initial"}"#
    }

    /// A snapshot of a book as it stands in JSON: `[[0.4,100],[0.39,5]]`.
    func book(_ seq: Int, bids: String = "[]", asks: String = "[]", at time: Int) -> String {
        envelope("book_snapshot", time, seq: seq) + #","bids":\#(bids),"asks":\#(asks),"reason":"initial"}"#
    }

    /// An `instrument` line; `more` are further keys, as JSON with a leading comma.
    func facts(outcome: String? = "Yes", fee: String? = nil, _ more: String = "", at time: Int = 0) -> String {
        var text = envelope("instrument", time)
        if let outcome { text += #","outcome":"\#(outcome)""# }
        text += more
        if let fee { text += #","fee":\#(fee)"# }
        return text + "}"
    }

    /// A line that ends in `payload`, which begins with a comma.
    func line(_ type: String, _ payload: String, at time: Int) -> String { envelope(type, time) + payload + "}" }

    /// A delta with at most one change a side.
    func delta(_ seq: Int, bid: String? = nil, ask: String? = nil, size: Int = 5, at time: Int) -> String {
        envelope("book_delta", time, seq: seq) + #","bids":[\#(level(bid, size))],"asks":[\#(level(ask, size))]}"#
    }

    private func level(_ price: String?, _ size: Int = 10) -> String { price.map { "[\($0),\(size)]" } ?? "" }

    func trade(_ price: String, _ size: String = "1", id: String? = nil, at time: Int) -> String {
        let id = id.map { #","trade_id":"\#($0)""# } ?? ""
        return envelope("trade", time) + #","price":\#(price),"size":\#(size),"aggressor_side":"buy"\#(id)}"#
    }

    func about(outcome: String, at time: Int) -> String {
        envelope("instrument", time) + #","outcome":"\#(outcome)"}"#
    }

    func status(_ state: String, conn: Int? = nil, instruments: [String]? = nil, at time: Int) -> String {
        var text = #"{"v":1,"type":"feed_status","feed":"\#(name)","venue":"\#(venue)""#
        if let conn { text += #","conn":\#(conn)"# }
        text += #","recv_us":\#(time),"state":"\#(state)""#
        if let instruments { text += #","instruments":[\#(instruments.map { "\"\($0)\"" }.joined(separator: ","))]"# }
        return text + "}"
    }
}
