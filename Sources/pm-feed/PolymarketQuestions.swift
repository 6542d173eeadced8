import Curl

/// The REST questions of a session: where they go, and as what they are recorded. Source: venues dossier §4.
struct PolymarketQuestions: Sendable {
    let clob: String
    let gamma: String

    /// A question and the path that recordings tell it by.
    struct Question {
        let request: RESTRequest
        let path: String
    }

    /// Whole books; tokens that the venue does not know are left out of the answer, silently.
    func books(_ tokens: [String]) -> Question {
        let body = "[" + tokens.map { "{\"token_id\":\"\($0)\"}" }.joined(separator: ",") + "]"
        let request = RESTRequest(
            url: clob + "/books", method: .post(body: Array(body.utf8)), headers: [(name: "Content-Type", value: "application/json")])
        return Question(request: request, path: "/books")
    }

    func clobMarket(_ conditionID: String) -> Question { ask(clob, "/markets/\(conditionID)") }

    /// Open markets; a closed one is in no answer unless it is asked for.
    func markets(slug: String) -> Question { ask(gamma, "/markets?slug=\(slug)") }

    func events(slug: String) -> Question { ask(gamma, "/events?slug=\(slug)") }

    func markets(conditionIDs: [String]) -> Question {
        ask(gamma, "/markets?limit=100&" + conditionIDs.map { "condition_ids=\($0)" }.joined(separator: "&"))
    }

    /// The same for markets that are over.
    func closedMarkets(conditionIDs: [String]) -> Question {
        ask(gamma, "/markets?limit=100&closed=true&" + conditionIDs.map { "condition_ids=\($0)" }.joined(separator: "&"))
    }

    func markets(tokens: [String]) -> Question {
        ask(gamma, "/markets?limit=100&" + tokens.map { "clob_token_ids=\($0)" }.joined(separator: "&"))
    }

    /// Every open market, page by page.
    func allMarkets(after cursor: String?) -> Question {
        ask(gamma, "/markets/keyset?closed=false&limit=100" + PolymarketQuestions.after(cursor))
    }

    /// Every open market, those with the highest 24 h volume first.
    func topMarkets(after cursor: String?) -> Question {
        ask(gamma, "/markets/keyset?closed=false&limit=100&order=volume24hr&ascending=false" + PolymarketQuestions.after(cursor))
    }

    func events(tag: String, after cursor: String?) -> Question {
        ask(gamma, "/events/keyset?closed=false&limit=100&tag_slug=\(tag)" + PolymarketQuestions.after(cursor))
    }

    private static func after(_ cursor: String?) -> String { cursor.map { "&after_cursor=\(percentEncoded($0))" } ?? "" }

    private func ask(_ base: String, _ path: String) -> Question {
        Question(request: RESTRequest(url: base + path, method: .get, headers: []), path: path)
    }

    /// RFC 3986 section 2.3: everything but unreserved letters.
    static func percentEncoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                encoded.append(byte)
            default: encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }
}
