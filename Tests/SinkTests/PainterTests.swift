import JSON
import Testing
import UnixTool

@testable import mkt_sink

@Suite struct PainterTests {
    private let size = WindowSize(columns: 20, rows: 2)

    private func row(_ left: String, _ right: String, _ style: TextStyle = .plain) -> ScreenRow {
        ScreenRow([
            ScreenPiece(column: 0, width: 5, text: left, style: .plain), ScreenPiece(column: 7, width: 4, text: right, style: style),
        ])
    }

    private func paint(_ rows: [ScreenRow], over past: [ScreenRow]?, isColoured: Bool = true) -> String {
        var buffer = ByteBuffer()
        Painter(isColoured: isColoured).paint(Frame(size, rows), over: past.map { Frame(size, $0) }, into: &buffer)
        return String(decoding: buffer.bytes, as: UTF8.self).replacing("\u{1B}", with: "^")
    }

    @Test func theFirstFrameIsDrawnWhole() {
        #expect(paint([row("a", "1")], over: nil) == "^[0m^[2J^[1;1Ha^[1;8H1")
    }

    @Test func theSameFrameIsNothing() {
        #expect(paint([row("a", "1")], over: [row("a", "1")]) == "")
    }

    @Test func onlyThePieceThatChangedIsDrawn_andBlanksOutWhatWasThere() {
        #expect(paint([row("a", "2")], over: [row("a", "1.25")]) == "^[1;8H2   ")
        #expect(paint([row("a", "1", .bad)], over: [row("a", "1")]) == "^[1;8H^[31m1^[0m   ")
        #expect(paint([row("a", "")], over: [row("a", "12")]) == "^[1;8H    ")
    }

    @Test func aRowOfAnotherShapeIsErasedFirst() {
        let text = ScreenRow("hello", .plain, width: 20)
        #expect(paint([text], over: [row("a", "1")]) == "^[1;1H^[2K^[1;1Hhello")
        #expect(paint([ScreenRow()], over: [row("a", "1")]) == "^[1;1H^[2K")
    }

    @Test func withoutColours_thereIsNoStyle() {
        #expect(paint([row("a", "1", .bad)], over: [row("a", "2")], isColoured: false) == "^[1;8H1   ")
    }

    @Test func aFrameOfAnotherSizeIsDrawnWhole() {
        var buffer = ByteBuffer()
        let past = Frame(WindowSize(columns: 21, rows: 2), [row("a", "1")])
        Painter(isColoured: false).paint(Frame(size, [row("a", "1")]), over: past, into: &buffer)
        #expect(String(decoding: buffer.bytes, as: UTF8.self).contains("\u{1B}[2J"))
    }
}
