import JSON
import OpenSSL
import TestSupport
import Testing
import UnixTool

@testable import Reference

@Suite struct ReferenceDataTests {
    private static func json(_ data: ReferenceData) -> String {
        var buffer = ByteBuffer()
        data.write(to: &buffer)
        #expect(buffer.count == data.byteCount)
        return String(decoding: buffer.bytes, as: UTF8.self)
    }

    private static func read(_ text: String) throws -> ReferenceData {
        try Array(text.utf8).withUnsafeBufferPointer { try ReferenceData(json: JSONText($0)) }
    }

    /// Any content, rows in any order.
    private static func content(_ random: inout SeededGenerator) throws -> (ReferenceData, shuffled: ReferenceData) {
        let texts = ["a", "b", "", "é", "e\u{301}", "\u{0}", "\u{0}\u{1}", "\"\\\n\u{7F}", "🙂", "74", "1e5"]
        func keys(_ count: Int) -> [[String]] {
            let rows = (0..<random.below(12)).map { _ in (0..<count).map { _ in random.pick(texts) } }
            var seen: Set<[[UInt8]]> = []
            return rows.filter { seen.insert($0.map { Array($0.utf8) }).inserted }
        }
        let links = keys(7)
        let parameters = keys(2).map { ReferenceData.Parameter(rule: $0[0], key: $0[1], value: random.pick(texts)) }
        let extremes = [Int64.max, Int64.min + 1, 0, 1, -1, 500_000]
        let values = keys(3).map { ReferenceData.Value(venue: $0[0], instrument: $0[1], name: $0[2], millionths: random.pick(extremes)) }
        let history = keys(2).flatMap { key in
            [Int64(5), 60, 1000].map { window in
                // Sums that prices may have, the greatest among them.
                let count = random.pick([1, Int64(1 + random.below(1000)), 1_000_000_000])
                let (sum, squares) = (Int128(count) * 1_000_000, Int128(count) * 1_000_000_000_000)
                return HistoryStatistics(
                    venue: key[0], instrument: key[1], windowMicros: window, count: count,
                    sum: random.pick([0, sum, Int128(random.next()) % (sum + 1)]),
                    squareSum: random.pick([0, squares, Int128(random.next()) * 1_000_000_007 % (squares + 1)]),
                    oldestMicros: random.pick(extremes), newestMicros: random.pick(extremes))
            }
        }
        return (
            try ReferenceData(links: links, parameters: parameters, values: values, history: history),
            try ReferenceData(
                links: links.shuffled(using: &random), parameters: parameters.shuffled(using: &random),
                values: values.shuffled(using: &random), history: history.shuffled(using: &random))
        )
    }

    @Test(arguments: UInt64(1)...60)
    func json_givesAnEqualValue_whateverTheOrderOfRows(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let (data, shuffled) = try ReferenceDataTests.content(&random)
        let text = ReferenceDataTests.json(data)
        #expect(ReferenceDataTests.json(shuffled) == text)
        #expect(!text.contains("\n"))
        let again = try ReferenceDataTests.read(text)
        #expect(again == data)
        #expect(ReferenceDataTests.json(again).utf8.elementsEqual(text.utf8))
        #expect(again.history == data.history)
        #expect(again.values == data.values)
        // The version is the hash of the object without it.
        var content = "{" + text.dropFirst("{\"version\":\"\",".count + 64)
        #expect(content.withUTF8 { Digest.hex(.sha256, of: $0) } == data.version)
    }

    @Test func spelling_isAsThePageSays() throws {
        let data = try ReferenceData(
            parameters: [.init(rule: "wide", key: "min", value: "0.05")],
            values: [.init(venue: "p", instrument: "7", name: "fair", millionths: 500_000)],
            history: [
                .init(venue: "p", instrument: "7", windowMicros: 60, count: 2, sum: 3, squareSum: 5, oldestMicros: 1, newestMicros: 9)
            ])
        let content =
            #"{"links":[],"parameters":[["wide","min","0.05"]],"values":[["p","7","fair","0.5"]],"history":[{"venue":"p","instrument":"7","#
            + #""window_us":"60","count":"2","sum":"3","square_sum":"5","oldest_us":"1","newest_us":"9"}]}"#
        #expect(ReferenceDataTests.json(data) == "{\"version\":\"\(data.version)\"," + content.dropFirst())
        // Spelled anew, with blanks, numbers for strings, other order and keys that nobody knows.
        let respelled =
            #"{ "more": [1], "history": [{"newest_us": 9, "venue": "p", "instrument": "7", "window_us": 60, "count": 2, "sum": 3, "square_sum": 5, "oldest_us": 1}], "#
            + #""values": [["p", "7", "fair", 5e-1]], "parameters": [["w\u0069de", "min", "0.05"]], "links": [], "version": "\#(data.version)"}"#
        #expect(try ReferenceDataTests.read(respelled) == data)
    }

    @Test func anyChange_isSeen() throws {
        let data = try ReferenceData(values: [.init(venue: "p", instrument: "7", name: "fair", millionths: 500_000)])
        let text = ReferenceDataTests.json(data)
        for (from, to, fault) in [
            ("0.5", "0.6", ReferenceData.JSONFault.otherVersion), ("fair", "fear", .otherVersion),
            ("\"values\"", "\"valves\"", .badKey("values")),
            ("\"0.5\"", "\"0.1234567\"", .badKey("values")), ("\"version\"", "\"conversion\"", .badKey("version")),
            ("[[\"p\"", "[[\"p\",\"q\"", .badKey("values")),
        ] {
            #expect(throws: fault) { try ReferenceDataTests.read(text.replacing(from, with: to)) }
        }
        #expect(throws: ReferenceData.JSONFault.self) { try ReferenceDataTests.read(text + "x") }
        #expect(throws: ReferenceData.JSONFault.self) { try ReferenceDataTests.read(String(text.dropLast())) }
    }

    @Test func rowsThatStandTwice_areRefused_andOtherAccentsAreOthers() throws {
        let parameter = { ReferenceData.Parameter(rule: $0, key: "k", value: "v") }
        #expect(throws: ToolFailure.self) { try ReferenceData(parameters: [parameter("é"), parameter("a"), parameter("é")]) }
        #expect(try ReferenceData(parameters: [parameter("é"), parameter("e\u{301}")]).parameters.count == 2)
        let (one, other) = (try ReferenceData(parameters: [parameter("é")]), try ReferenceData(parameters: [parameter("e\u{301}")]))
        #expect(one != other)
    }

    @Test func size_isBounded_byTheJSON() throws {
        // An escape takes six bytes for one.
        let text = String(repeating: "\u{1}", count: ReferenceData.byteCountMax / 6)
        #expect(throws: ReferenceData.tooLarge) { try ReferenceData(parameters: [.init(rule: "r", key: "k", value: text)]) }
        let less = try ReferenceData(parameters: [.init(rule: "r", key: "k", value: String(text.dropLast(100)))])
        #expect(ReferenceDataTests.json(less).utf8.count <= 3 << 20)
        #expect(ReferenceData.empty == (try ReferenceData()))
    }
}
