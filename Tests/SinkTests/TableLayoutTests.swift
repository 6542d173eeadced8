import MarketModel
import Testing
import UnixTool

@testable import mkt_sink

@Suite struct TableLayoutTests {
    private func lines(_ model: TableModel, _ columns: Int, _ rows: Int, _ moment: TableMoment = TableLines.moment()) -> [String] {
        var layout = TableLayout()
        return TableLines.text(layout.frame(model, WindowSize(columns: columns, rows: rows), moment))
    }

    private func busy() throws -> TableModel {
        try TableLines.model(
            (0..<40).map { TableLines.book(seq: 1, bids: "[[0.5,1]]", instrument: "i\($0)") } + [
                TableLines.book(seq: 2, bids: "[[0.6,1]]", asks: "[[0.5,2]]", instrument: "i7"), TableLines.status("live"),
                #"{"v":1,"type":"decision","feed":"d","venue":"mktpipe","recv_us":1000000,"rule":"r","action":"signal","id":"1","#
                    + #""note":"n","because":[],"rules":"x"}"#,
            ])
    }

    @Test func everyWindowIsFilledAndNothingLeavesIt() throws {
        let model = try busy()
        for columns in stride(from: 1, through: 200, by: 3) {
            for rows in 1..<40 {
                var layout = TableLayout()
                let moment = TableLines.moment(messages: ["one", "two", "three"])
                let frame = layout.frame(model, WindowSize(columns: columns, rows: rows), moment)
                #expect(frame.rows.count == rows)
                for piece in frame.rows.flatMap(\.pieces) {
                    #expect(CellWidth.of(piece.text) <= piece.width)
                    #expect(piece.column + piece.width <= columns)
                }
            }
        }
    }

    @Test func ofTheSummary_wholePartsGo_theLeastImportantFirst() throws {
        var model = try busy()
        try TableLines.take([TableLines.status("gap"), "{", "{"], into: &model)
        var seen = Set<String>()
        for columns in 40...120 {
            let parts = lines(model, columns, 20)[0].split(separator: " ", omittingEmptySubsequences: false).joined(separator: " ")
                .replacing("  ", with: "|").split(separator: "|").map(String.init)
            let names = parts.map { part in String(part.reversed().prefix { !$0.isNumber }.reversed()) }
            #expect(parts.first == "00:00:01Z")
            #expect(!names.contains { $0.contains("…") }, "\(parts)")
            seen.insert(names.joined(separator: ","))
        }
        #expect(
            seen == [
                "Z, feeds not well", "Z, malformed, feeds not well", "Z, instruments, malformed, feeds not well",
                "Z, instruments,/s, malformed, feeds not well", "Z, instruments, lines,/s, malformed, feeds not well",
            ])
    }

    @Test func foreignWords_takeFourteenCellsAtMost() throws {
        let word = String(repeating: "w", count: 100)
        let decision =
            #"{"v":1,"type":"decision","feed":"d","venue":"mktpipe","recv_us":1000000,"rule":"r","action":"\#(word)","id":"1","#
            + #""note":"n","because":[],"rules":"x"}"#
        let model = try TableLines.model([TableLines.status(word), TableLines.book(seq: 1, bids: "[[0.25,3]]"), decision])
        let shown = lines(model, 80, 24)
        #expect(shown.contains { $0.hasPrefix("pm") && $0.contains(" wwwwwww…wwwwww   0s ") })
        #expect(shown.contains { $0.hasPrefix("r ") && $0.contains(" wwwwwww…wwwwww   0s  n") })
    }

    @Test func blocksGoAsTheWindowGetsLower() throws {
        let model = try busy()
        func has(_ title: String, rows: Int) -> Bool { lines(model, 100, rows).contains { $0.hasPrefix(title) } }
        #expect(has("RULE", rows: 14) && !has("RULE", rows: 13))
        #expect(has("FEED", rows: 10) && !has("FEED", rows: 9))
        #expect(has("INSTRUMENT", rows: 5) && !has("INSTRUMENT", rows: 4))
        #expect(lines(model, 100, 4)[0] == "window too small: 100x4, the table needs 40x5")
        #expect(lines(model, 39, 30)[0].hasPrefix("window too small"))
    }

    @Test func aCrossedBookIsMarked_andAnEmptySideIsNoPrice() throws {
        let shown = lines(try busy(), 120, 20)
        #expect(shown.contains { $0.hasPrefix("i7") && $0.contains("0.6  0.5        2    -0.1  X") })
        #expect(shown.contains { $0.hasPrefix("i0") && $0.contains("    1  0.5  -  ") })
    }

    @Test func rowsStandStillForFiveSeconds() throws {
        var model = try busy()
        var layout = TableLayout()
        let size = WindowSize(columns: 100, rows: 20)
        func names(_ micros: Int64, _ monotonic: Int64) -> [String] {
            let frame = layout.frame(model, size, TableLines.moment(micros, monotonic: monotonic))
            return TableLines.text(frame).filter { $0.hasPrefix("i") }.map { String($0.prefix { $0 != " " }) }
        }
        #expect(names(1_000_000, 0).prefix(3) == ["i7", "i0", "i1"])
        try TableLines.take((0..<9).map { _ in TableLines.trade(instrument: "i30", received: 2_000_000) }, into: &model)
        #expect(names(2_000_000, 4_999_999).prefix(3) == ["i7", "i0", "i1"])
        // The lines of this second are recent in the next one only; but of all lines it has the most but one.
        #expect(names(2_000_000, 5_000_000).prefix(3) == ["i7", "i30", "i0"])
        #expect(names(3_000_000, 10_000_000).prefix(2) == ["i30", "i7"])
    }

    @Test func newInstrumentsAreShownAtOnce_whereThereIsRoom() throws {
        var model = try TableLines.model([TableLines.trade(instrument: "i1")])
        var layout = TableLayout()
        let size = WindowSize(columns: 100, rows: 20)
        _ = layout.frame(model, size, TableLines.moment())
        try TableLines.take([TableLines.trade(instrument: "i2")], into: &model)
        #expect(TableLines.text(layout.frame(model, size, TableLines.moment(monotonic: 1))).contains { $0.hasPrefix("i2") })
    }

    @Test(arguments: [
        (-5, "0s"), (0, "0s"), (59_999_999, "59s"), (60_000_000, "1m"), (3_600_000_000, "1h"), (86_400_000_000, "1d"), (Int64.max, ">1y"),
    ])
    func agesTakeFourCellsAtMost(micros: Int64, text: String) {
        #expect(AgeText.make(micros: micros) == text)
    }
}
