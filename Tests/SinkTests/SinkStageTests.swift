import Glibc
import Logging
import MarketModel
import Testing
import UnixTool

@testable import mkt_sink

@Suite struct SinkStageTests {
    /// Stores nothing.
    private final class RefusingTarget: Target {
        func take(_ line: UnsafeBufferPointer<UInt8>, _ row: borrowing EventRow) throws { throw RowRefusal("it is a test") }
        func commit() throws {}
        func count(in counters: inout Counters) {}
    }

    /// What a plain table says of some lines, and the counters.
    private func run(_ lines: [String]) throws -> (told: [String], counters: Counters) {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { close(ends[0]) }
        let options = try SinkOptions.parse([])
        var settings = Settings(tool: MktSink.name, environment: [:], file: nil)
        let common = try CommonSettings(options.common, &settings)
        let table = PlainTableTarget(isLive: false, isColoured: false, isLineBuffered: false, descriptor: ends[1])
        let stage = SinkStage(
            try SinkConfiguration(options, common, &settings), targets: [RefusingTarget(), table],
            faults: try InputFaults(common, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }), isLive: false)
        for var line in lines { try line.withUTF8 { try stage.take($0) } }
        try stage.finish(isLive: false)
        close(ends[1])
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = max(read(ends[0], &bytes, bytes.count), 0)
        return (String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n").map(String.init), stage.counters)
    }

    @Test func aRowThatATargetRefuses_isSeenByTheTable() throws {
        let (told, counters) = try run([TableLines.book(seq: 1, bids: "[[0.5,3]]"), TableLines.status("gap", received: 2_000_000)])
        #expect(told.map { $0.split(separator: " ")[1] } == ["book", "feed", "book"])
        #expect(told.last == "1970-01-01T00:00:02.000000Z book v i1 ? ? ? ? ?")
        #expect(counters.line.contains("skipped_refused_row=2"))
    }

    @Test func aBreakThatIsLeftOut_isToldAsABookThatIsNotKnown() throws {
        let gap = TableLines.status("gap", received: 2_000_000, #","since_us":"soon""#)
        let (told, counters) = try run([TableLines.book(seq: 1, bids: "[[0.5,3]]"), gap, TableLines.trade(received: 3_000_000)])
        #expect(told.map { $0.split(separator: " ")[1] } == ["book", "book", "trade"])
        #expect(told[1] == "1970-01-01T00:00:01.000000Z book v i1 ? ? ? ? ?")
        #expect(counters.line.contains("table_faults=1"))
    }

    @Test func theTimeOfABook_isThatOfTheLineThatMadeItSo() throws {
        let (told, _) = try run([
            TableLines.book(seq: 1, bids: "[[0.5,3]]", received: 1_000_000),
            TableLines.book("book_delta", seq: 2, bids: "[[0.6,3]]", received: 1_100_000),
            TableLines.book("book_delta", seq: 3, bids: "[[0.1,3]]", received: 1_200_000), TableLines.trade(received: 1_300_000),
            TableLines.trade(received: 2_000_000), TableLines.status("gap", received: 2_500_000), TableLines.trade(received: 3_000_000),
        ])
        let books = told.filter { $0.contains(" book ") }.map { $0.split(separator: " ") }
        #expect(books.map { $0[0].suffix(10) } == ["01.000000Z", "01.100000Z", "02.500000Z"])
        #expect(books.map { $0[4] } == ["0.5", "0.6", "?"])
    }

    @Test func aSlipIntoTheFuture_doesNotSilenceBooks() throws {
        let slip = TableLines.trade(received: 1_000_000_000_000_000)
        let books = (1...4).map { TableLines.book(seq: $0, bids: "[[0.5,\($0)]]", received: Int64($0) * 1_000_000) }
        #expect(try run([slip] + books).told.count { $0.contains(" book ") } == 4)
    }
}
