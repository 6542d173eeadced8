import JSON
import Testing

@testable import pm_feed

@Suite struct PolymarketClobMarketTests {
    private func market(_ text: String) throws -> PolymarketClobMarket? { try text.withText { try PolymarketClobMarket($0) } }

    @Test func winner_isTheOneThatIsCalledSo() throws {
        let text = #"[{"token_id":"1","outcome":"Yes","price":1,"winner":true},{"token_id":"2","outcome":"No","price":0,"winner":false}]"#
        #expect(try market(text)?.tokens == ["1", "2"] && market(text)?.winner == "1")
        #expect(try market(text.replacing("true", with: "false"))?.winner == nil)
        #expect(try market(#"[{"token_id":"1"},{"token_id":"2","winner":null}]"#)?.winner == nil)
    }

    @Test func twoWinners_areAFault_notAGuess() {
        #expect(throws: PolymarketFault.self) {
            try market(#"[{"token_id":"1","winner":true},{"token_id":"2","winner":true}]"#)
        }
    }

    @Test(arguments: ["{}", "5", #"[{"outcome":"Yes"}]"#, #"[{"token_id":"x"}]"#, #"[{"token_id":5}]"#, "[5]", "null"])
    func whatIsNoSuchList_isNone(text: String) throws {
        // A list whose elements are no objects is nothing that could be read either.
        #expect((try? market(text)) ?? nil == nil)
    }

    // MARK: POST /books

    @Test func bookList_isWhateverTokensItHas() throws {
        func tokens(_ text: String) throws -> Set<String> { try PolymarketBookList.tokens(Array(text.utf8)) }
        #expect(try tokens("[\(WireBook.other(1).rest(5)),\(WireBook.other(2).rest(5))]\n") == ["9001", "9002"])
        #expect(try tokens("[]").isEmpty && tokens(#"[{"error":"x"},5,null]"#).isEmpty)
        for text in ["", "{}", "<html>", "[", #"{"error":"too many"}"#] { #expect(throws: JSONError.self) { try tokens(text) } }
    }
}
