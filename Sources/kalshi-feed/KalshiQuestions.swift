import Curl

/// The REST questions of a session, and as what they are recorded. Source: venues dossier §6.
///
/// They go without a signature: public reads need none, and the budget of the account is left to its owner.
struct KalshiQuestions: Sendable {
    /// Up to and with `/trade-api/v2`.
    let base: String

    /// A question and the path that recordings tell it by; nil where its answer says nothing of books and markets.
    struct Question {
        let request: RESTRequest
        let path: String?
    }

    static let tickersMax = 100

    var exchangeStatus: Question {
        Question(request: RESTRequest(url: base + "/exchange/status"), path: nil)
    }

    /// At most `tickersMax`; those that the venue does not know are left out of the answer.
    func markets(tickers: [String]) -> Question {
        ask("/markets?limit=1000&tickers=" + tickers.joined(separator: ","))
    }

    /// Open markets, page by page.
    func markets(event: String, after cursor: String?) -> Question {
        ask("/markets?limit=1000&status=open&event_ticker=\(event)" + KalshiQuestions.after(cursor))
    }

    func markets(series: String, after cursor: String?) -> Question {
        ask("/markets?limit=1000&status=open&series_ticker=\(series)" + KalshiQuestions.after(cursor))
    }

    /// Every open market but combos.
    ///
    /// - Parameter isRecorded: not where most of it is not used.
    func allMarkets(after cursor: String?, isRecorded: Bool) -> Question {
        let question = ask("/markets?limit=1000&status=open&mve_filter=exclude" + KalshiQuestions.after(cursor))
        return isRecorded ? question : Question(request: question.request, path: nil)
    }

    func event(_ ticker: String) -> Question { ask("/events/\(ticker)") }

    func series(_ ticker: String) -> Question { ask("/series/\(ticker)") }

    /// Trades since a moment in whole seconds since 1970, newest first; of all markets if none is named.
    func trades(ticker: String?, from: Int64, after cursor: String?) -> Question {
        ask("/markets/trades?limit=1000" + (ticker.map { "&ticker=\($0)" } ?? "") + "&min_ts=\(from)" + KalshiQuestions.after(cursor))
    }

    private static func after(_ cursor: String?) -> String { cursor.map { "&cursor=\(percentEncoded($0))" } ?? "" }

    private func ask(_ path: String) -> Question { Question(request: RESTRequest(url: base + path), path: path) }

    /// RFC 3986 section 2.3: everything but unreserved letters. Cursors are opaque.
    private static func percentEncoded(_ text: String) -> String {
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
