import MarketModel
import Testing
import UnixTool

@testable import mkt_sink

@Suite struct ColumnBlockTests {
    private let columns = [
        TableColumn("NAME", .left, isElastic: true, cellsMin: 6), TableColumn("BID", .point), TableColumn("SIZE", .point, drop: 1),
        TableColumn("AGE", .right, drop: 2),
    ]

    private func lines(_ values: [[TableValue]], width: Int) -> [String] {
        var block = ColumnBlock(columns)
        let rows = block.rows(values, width: width)
        return TableLines.text(Frame(WindowSize(columns: width, rows: rows.count), rows))
    }

    private let values = [
        [TableValue("a-long-name/Yes"), TableValue(millionths: 500_000), TableValue(millionths: 120_500_000), TableValue("7s")],
        [TableValue("日本"), TableValue(millionths: 123_456), TableValue(millionths: 3_000_000), TableValue("12m")],
        [TableValue("c"), TableValue("?"), TableValue.blank, TableValue("0s")],
    ]

    @Test func decimalsStandUnderOneAnother() {
        #expect(
            lines(values, width: 60) == [
                "NAME                  BID   SIZE  AGE", "a-long-name/Yes  0.5       120.5   7s", "日本             0.123456    3    12m",
                "c                ?                 0s",
            ])
    }

    @Test func narrowWindowsCutNames_thenDropColumnsInTheirOrder() {
        #expect(lines(values, width: 30)[1] == "a-lo…Yes  0.5       120.5   7s")
        #expect(lines(values, width: 27)[1] == "a-long…e/Yes  0.5        7s")
        #expect(lines(values, width: 20)[1] == "a-lon…/Yes  0.5")
    }

    @Test func aNumberThatDoesNotFit_isNotCut() {
        let huge = [[TableValue("a"), TableValue(millionths: 9_000_000_123_456), TableValue.blank, TableValue.blank]]
        #expect(lines(huge, width: 18)[1] == "a                #")
        #expect(lines(huge, width: 40)[1] == "a       9000000.123456")
    }

    @Test func columnsStandStill_untilWidthsAreForgotten() {
        var block = ColumnBlock(columns)
        let wide = block.rows([values[0]], width: 60)
        #expect(block.rows([values[2]], width: 60)[0] == wide[0])
        block.forget()
        #expect(block.rows([values[2]], width: 60)[0] != wide[0])
    }
}
