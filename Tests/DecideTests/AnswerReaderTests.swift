import Testing

@testable import mkt_decide

@Suite struct AnswerReaderTests {
    private let leg = #"{"venue":"kalshi","market":"m","instrument":"i"}"#
    private let ground = #"{"feed":"ks","recv_us":7}"#

    private func read(_ text: String) throws(AnswerFault) -> ProgramAnswer {
        var text = text
        let result: Result<ProgramAnswer, AnswerFault> = text.withUTF8 { bytes in
            do throws(AnswerFault) { return .success(try AnswerReader.read(bytes)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    private func fault(_ text: String) -> String? {
        do throws(AnswerFault) {
            _ = try read(text)
            return nil
        } catch {
            return error.text
        }
    }

    private func fault(leg: String) -> String? { fault("{\"legs\":[\(leg)],\"because\":[\(ground)]}") }
    private func fault(ground: String) -> String? { fault("{\"legs\":[\(leg)],\"because\":[\(ground)]}") }
    private func fault(more: String) -> String? { fault("{\"legs\":[\(leg)],\"because\":[\(ground)],\(more)}") }

    @Test func everyKey_isRead() throws {
        let answer = try read(
            """
            {"note":"n","profit":"-0.5","because":[{"instrument":"i","feed":"ks","conn":1,"seq":2,"recv_us":7,"trade_id":"t"},\
            {"feed":"pm","recv_us":5,"conn":null}],"legs":[{"venue":"kalshi","market":"m","instrument":"i","label":"l","outcome":"","side":"sell",\
            "price":1e-6,"average_price":1,"size":"2.50","fee":-0.01}],"size":3,"cost":null}
            """)
        #expect(answer.note == "n" && answer.sums == [3_000_000, nil, nil, nil, nil, -500_000])
        let leg = answer.legs[0]
        #expect([leg.venue, leg.market, leg.instrument, leg.label, leg.outcome, leg.side] == ["kalshi", "m", "i", "l", "", "sell"])
        #expect([leg.price, leg.averagePrice, leg.size, leg.fee] == [1, 1_000_000, 2_500_000, -10_000])
        // Oldest first.
        #expect(answer.because.map(\.feed) == ["pm", "ks"] && answer.because.map(\.conn) == [nil, 1] && answer.because[1].seq == 2)
        #expect(answer.because[1].tradeID == "t" && answer.received.micros == 7)
    }

    @Test func whatIsNoObject() {
        #expect(fault("")?.hasPrefix("is not JSON: ") == true)
        #expect(fault("[1]") == "is wrong: the line is no object")
        #expect(fault("{\"legs\":[\(leg)],\"because\":[\(ground)]} x")?.hasPrefix("is not JSON: ") == true)
    }

    @Test func whatIsMissing() {
        #expect(fault("{\"because\":[\(ground)]}") == "has no legs; it says which instrument it is about")
        #expect(fault("{\"legs\":[],\"because\":[\(ground)]}") == "has no legs; it says which instrument it is about")
        #expect(fault("{\"legs\":[\(leg)]}") == "has no because; it says which lines it stands on")
        #expect(fault(leg: #"{"venue":"kalshi","market":null,"instrument":"i"}"#) == "lacks legs[0].market")
        #expect(fault(ground: #"{"recv_us":7}"#) == "lacks because[0].feed")
        #expect(fault(ground: #"{"feed":"ks"}"#) == "lacks because[0].recv_us")
    }

    @Test func whatIsNotTheProgramsToSay() {
        #expect(fault(more: #""rule":"x""#) == "has 'rule' in the line, which is not the program's to say")
        #expect(fault(ground: #"{"feed":"ks","recv_us":7,"venue":"pm"}"#) == "has 'venue' in because[0], which is not the program's to say")
        #expect(fault(more: #""note":"a","note":"b""#) == "says 'note' twice in the line")
    }

    @Test func numbersThatDoNotFit() {
        #expect(fault(more: #""size":-1"#) == "is wrong: size -1 is out of range")
        #expect(fault(more: #""cost":0.0000001"#) == "is wrong: cost '0.0000001' is no decimal with up to six places")
        #expect(fault(more: #""cost":true"#) == "is wrong: cost is no number")
        let price = #"{"venue":"kalshi","market":"m","instrument":"i","price":1.000001}"#
        #expect(fault(leg: price) == "is wrong: legs[0].price 1.000001 is out of range")
        let whole = "is no whole number that can stand there"
        #expect(fault(ground: #"{"feed":"ks","recv_us":7.5}"#) == "is wrong: because[0].recv_us '7.5' \(whole)")
        #expect(fault(ground: #"{"feed":"ks","recv_us":7,"seq":0}"#) == "is wrong: because[0].seq '0' \(whole)")
    }

    @Test func textsThatDoNotFit() {
        #expect(fault(leg: #"{"venue":"Kal","market":"m","instrument":"i"}"#) == "is wrong: legs[0].venue 'Kal' is no venue's name")
        #expect(fault(leg: #"{"venue":"1k","market":"m","instrument":"i"}"#) == "is wrong: legs[0].venue '1k' is no venue's name")
        #expect(fault(leg: #"{"venue":"kalshi","market":"","instrument":"i"}"#) == "is wrong: legs[0].market is empty")
        let side = #"{"venue":"kalshi","market":"m","instrument":"i","side":"hold"}"#
        #expect(fault(leg: side) == "has legs[0].side 'hold'; it is buy or sell")
        #expect(fault(more: #""note":5"#) == "is wrong: note is no text")
    }
}
