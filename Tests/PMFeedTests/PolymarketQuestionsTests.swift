import Curl
import Testing

@testable import pm_feed

@Suite struct PolymarketQuestionsTests {
    private let questions = PolymarketQuestions(clob: "https://clob", gamma: "https://gamma")

    @Test func questions_goWhereTheDossierSays_andAreRecordedByTheirPath() {
        for (question, url) in [
            (questions.clobMarket("0xc"), "https://clob/markets/0xc"),
            (questions.markets(slug: "a-b"), "https://gamma/markets?slug=a-b"),
            (questions.events(slug: "e"), "https://gamma/events?slug=e"),
            (questions.markets(conditionIDs: ["0x1", "0x2"]), "https://gamma/markets?limit=100&condition_ids=0x1&condition_ids=0x2"),
            (questions.markets(tokens: ["1", "2"]), "https://gamma/markets?limit=100&clob_token_ids=1&clob_token_ids=2"),
            (questions.allMarkets(after: nil), "https://gamma/markets/keyset?closed=false&limit=100"),
            (questions.allMarkets(after: "a+/="), "https://gamma/markets/keyset?closed=false&limit=100&after_cursor=a%2B%2F%3D"),
            (
                questions.topMarkets(after: nil),
                "https://gamma/markets/keyset?closed=false&limit=100&order=volume24hr&ascending=false"
            ),
            (
                questions.events(tag: "crypto", after: "x"),
                "https://gamma/events/keyset?closed=false&limit=100&tag_slug=crypto&after_cursor=x"
            ),
        ] {
            #expect(question.request.url == url && question.request.method == .get)
            #expect("https://\(url.contains("clob/") ? "clob" : "gamma")\(question.path)" == url)
        }
    }

    @Test func books_areAPostOfTokens() {
        let question = questions.books(["1", "2"])
        #expect(question.request.url == "https://clob/books" && question.path == "/books")
        #expect(question.request.method == .post(body: Array(#"[{"token_id":"1"},{"token_id":"2"}]"#.utf8)))
    }

    @Test func encoding_leavesOnlyUnreservedLetters() {
        #expect(PolymarketQuestions.percentEncoded("aZ09-._~") == "aZ09-._~")
        #expect(PolymarketQuestions.percentEncoded("&=?/ %\n") == "%26%3D%3F%2F%20%25%0A")
        #expect(PolymarketQuestions.percentEncoded("é😀") == "%C3%A9%F0%9F%98%80")
    }
}
