import JSON
import MarketModel
import UnixTool

@testable import mkt_sink

/// Lines for tests of the table, and what becomes of them.
enum TableLines {
    static func book(
        _ type: String = "book_snapshot", seq: Int, bids: String = "[]", asks: String = "[]", instrument: String = "i1",
        feed: String = "pm",
        conn: Int = 1, received: Int64 = 1_000_000, label: String? = nil
    ) -> String {
        let named = label.map { #","label":"\#($0)""# } ?? ""
        return #"{"v":1,"type":"\#(type)","feed":"\#(feed)","venue":"v","market":"m","instrument":"\#(instrument)"\#(named),"#
            + #""conn":\#(conn),"seq":\#(seq),"recv_us":\#(received),"bids":\#(bids),"asks":\#(asks),"reason":"initial"}"#
    }

    static func trade(instrument: String = "i1", received: Int64 = 1_000_000, price: String = "0.5") -> String {
        #"{"v":1,"type":"trade","feed":"pm","venue":"v","market":"m","instrument":"\#(instrument)","recv_us":\#(received),"#
            + #""price":\#(price),"size":3,"aggressor_side":"buy"}"#
    }

    static func status(_ state: String, feed: String = "pm", conn: Int? = 1, received: Int64 = 1_000_000, _ rest: String = "") -> String {
        let conn = conn.map { #","conn":\#($0)"# } ?? ""
        return #"{"v":1,"type":"feed_status","feed":"\#(feed)","venue":"v"\#(conn),"recv_us":\#(received),"state":"\#(state)"\#(rest)}"#
    }

    /// A model that has taken the lines, by the stream's own clock.
    static func model(_ lines: [String], instrumentsMax: Int = TableModel.instrumentsMax) throws -> TableModel {
        var model = TableModel(instrumentsMax: instrumentsMax)
        try take(lines, into: &model)
        return model
    }

    /// Lines that are no events are left out, as a sink does it.
    static func take(_ lines: [String], into model: inout TableModel) throws {
        var decoder = EventDecoder()
        var encoder = RowEncoder()
        var row = EventRow()
        for line in lines {
            var line = line
            try line.withUTF8 { bytes in
                do throws(EventError) {
                    try decoder.decodeEvent(bytes)
                    if let kind = decoder.kind { try encoder.encode(bytes, kind, decoder, into: &row) }
                } catch {
                    _ = model.takeMalformed(decoder, at: nil)
                    return
                }
                _ = try model.take(decoder, at: nil)
            }
        }
    }

    /// What a frame says, a line a row, without blanks at the ends.
    static func text(_ frame: Frame) -> [String] {
        frame.rows.map { row in
            var text = ""
            for piece in row.pieces {
                text += String(repeating: " ", count: max(piece.column - CellWidth.of(text), 0)) + piece.text
            }
            while text.last == " " { text.removeLast() }
            return text
        }
    }

    static func moment(_ micros: Int64 = 1_000_000, monotonic: Int64 = 0, messages: [String] = []) -> TableMoment {
        let now = Timestamp(micros: micros)
        return TableMoment(now: now, second: now.second, monotonicMicros: monotonic, messages: messages)
    }
}
