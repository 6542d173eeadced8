import JSON
import TestSupport
import Testing

@testable import mkt_merge

@Suite struct LineKeysTests {
    private let page = GuardedPage(capacity: 1 << 20)

    private func find(_ bytes: [UInt8], names: Bool = true, atStart: Bool = false) -> SlowKeys? {
        let line = atStart ? page.placeAtStart(bytes) : page.place(bytes)
        return LineKeys.find(in: line, names: names).map {
            SlowKeys(received: $0.received, type: $0.type?.string, market: $0.market?.string, instrument: $0.instrument?.string)
        }
    }

    private func find(_ line: String, names: Bool = true) -> SlowKeys? { find(Array(line.utf8), names: names) }

    @Test func legalLines_giveTheKeysOfTheSlowReader() {
        var lines = HostileLines(seed: 1)
        var found = 0
        for _ in 0..<30_000 {
            let line = lines.legal()
            let expected = SlowKeys.read(Array(line.utf8))
            #expect(find(line) == expected, "\(line)")
            #expect(find(line, names: false)?.received == expected?.received, "\(line)")
            if expected != nil { found += 1 }
        }
        #expect(found > 20_000, "the generator makes lines that mean something")
    }

    @Test func brokenLines_areNeverReadBeyond_andNeverMisreadWhereTheyAreStillLegal() {
        var lines = HostileLines(seed: 2)
        for _ in 0..<30_000 {
            let bytes = lines.broken()
            let (found, foundAtStart) = (find(bytes), find(bytes, atStart: true))
            #expect(found == foundAtStart)
            if let expected = SlowKeys.read(bytes) { #expect(found == expected, "\(String(decoding: bytes, as: UTF8.self))") }
        }
    }

    @Test func canonicalLines_takeTheFastWay_whateverTheirLength() {
        var fast = 0
        for length in 0..<300 {
            let text = String(repeating: "a", count: length)
            let line = "{\"v\":1,\"type\":\"trade\",\"feed\":\"pm\",\"venue\":\"x\",\"recv_us\":7,\"note\":\"\(text)\",\"bids\":[[0.5,1]]}"
            let bytes = page.place(Array(line.utf8))
            if let keys = CanonicalLine.keys(of: bytes, names: true), keys.received == 7 { fast += 1 }
        }
        #expect(fast == 300)
    }

    @Test(arguments: [16, 2031, 2032, 2040, 2048, 5000, 100_000])
    func longLine_provesItsTailAcrossBlocks(length: Int) {
        let levels = Array(repeating: "[0.5,1]", count: length / 8).joined(separator: ",")
        let head = "{\"v\":1,\"type\":\"book_delta\",\"feed\":\"pm\",\"venue\":\"x\",\"recv_us\":7,\"bids\":[\(levels)]"
        #expect(CanonicalLine.keys(of: page.place(Array((head + "}").utf8)), names: true)?.received == 7)
        #expect(CanonicalLine.keys(of: page.place(Array((head + ",\"a\":[}").utf8)), names: true) == nil)
        #expect(find(head + ",\"recv_us\":8}")?.received == 8)
        #expect(find(head + ",\"recv\\u005fus\":9}")?.received == 9)
    }

    private static let envelope = "{\"v\":1,\"type\":\"trade\",\"feed\":\"pm\",\"venue\":\"x\",\"recv_us\":5"

    @Test(arguments: [
        (",\"recv_us\":6}", 6), (",\"\\u0072ecv_us\":6}", 6), (",\"a\":{\"recv_us\":6}}", 5), (",\"a\":\"\\\"recv_us\\\":6\"}", 5),
        (",\"recv_us\":\"6\"}", 6), (",\"recv_us\":6e3}", 6000), (",\"recv_us\":60.0e-1}", 6), (" , \"recv_us\" : 6 } ", 6),
        (".0}", 5), ("e2}", 500), ("}\r", 5), (",\"recv_us\":\"\\u0036\"}", 6),
    ])
    func secondSpelling_countsOnlyAtTheTop_andTheLastOne(tail: String, received: Int64) {
        #expect(find(LineKeysTests.envelope + tail)?.received == received)
    }

    @Test(arguments: [
        "", "{}", "[]", "5", "null", "{\"recv_us\":null}", "{\"recv_us\":1.5}", "{\"recv_us\":\"\"}", "{\"recv_us\":[1]}", "{\"recv_us\":1",
        "\"recv_us\":1}", "{\"recv_us\":1}}", "{\"recv_us\":1}{}", "{\"a\":{\"recv_us\":1}}", "{\"recv_us\":5,\"recv_us\":null}",
        "{\"recv_us\":99999999999999999999}", "{\"recv_us\":01}", "{\"recv_us\":+1}", "{\"recv_us\" 1}", "{recv_us:1}", "{\"recv_us\":1,}",
        "{\"recv_us\":1,\"a\":\"\u{0}\"}", "{\"recv_us\":1,\"a\":\"\\\"}", "{\"recv_us\":1,\"\\q\":1}", "{\"recv_us\":1 2}", "\u{0}\u{1}",
    ])
    func lineWithoutPlace_isMalformed(line: String) {
        #expect(find(line) == nil)
    }

    @Test func tornAndGluedLines_areMalformed_atEveryCut() {
        let line = LineKeysTests.envelope + ",\"fee\":{\"model\":\"none\"},\"note\":\"abc\"}"
        for cut in 0..<line.utf8.count {
            let front = Array(line.utf8.prefix(cut))
            #expect(find(front) == nil, "cut at \(cut)")
            #expect(find(front + Array(line.utf8)) == nil || cut == 0, "glued at \(cut)")
        }
    }

    @Test func deepNesting_isSteppedOver_withoutLimit() {
        let deep = String(repeating: "[{\"recv_us\":", count: 5000) + "1" + String(repeating: "}]", count: 5000)
        #expect(find("{\"a\":\(deep),\"recv_us\":3}")?.received == 3)
        #expect(find(LineKeysTests.envelope + ",\"a\":\(deep)}")?.received == 5)
    }
}
