import FeedSession
import Testing

@testable import pm_feed

/// What a book keeps of connections.
@Suite struct PolymarketBookTests {
    @Test func connectionsThatAreGone_leaveNothingBehind_alsoWhereEachWasAlone() {
        let book = PolymarketBook(FeedInstrument(feed: "pm", venue: "polymarket", market: "0x1", id: "7"))
        for conn in Int64(1)...50 {
            book.instrument.conn = conn
            let areNews = (book.newsRing.takeAlone(UInt64(conn), from: conn), book.printRing.takeAlone(UInt64(conn), from: conn))
            #expect(areNews == (true, true))
            #expect(!book.standIn(for: conn, isGone: true))
            #expect(book.newsRing.conns.isEmpty && book.printRing.conns.isEmpty)
        }
        // What was said stays said: the next connection repeats it.
        let isNews = book.newsRing.takeAlone(50, from: 51)
        #expect(!isNews)
    }

    @Test func aConnectionThatLostSomething_andIsAlone_keepsItsPlace() {
        let book = PolymarketBook(FeedInstrument(feed: "pm", venue: "polymarket", market: "0x1", id: "7"))
        book.instrument.conn = 1
        let first = book.printRing.takeAlone(5, from: 1)
        #expect(!book.standIn(for: 1, isGone: false))
        #expect(book.printRing.conns == [1])
        // Two equal prints of one connection are two.
        let second = book.printRing.takeAlone(5, from: 1)
        #expect(first && second)
    }
}
