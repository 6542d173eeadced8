import JSON
import Testing

@testable import mkt_decide

struct NameTableTests {
    private func withTexts<Result>(_ texts: [String], _ body: ([JSONText]) -> Result) -> Result {
        var buffer = ByteBuffer()
        var starts: [Int] = []
        for text in texts {
            starts.append(buffer.count)
            buffer.append(utf8: text)
        }
        let base = UnsafePointer(buffer.bytes.baseAddress!)
        let pieces = texts.indices.map {
            JSONText(base: base + starts[$0], count: texts[$0].utf8.count, hasEscapes: texts[$0].contains("\\"))
        }
        return body(pieces)
    }

    @Test func names_getNumbersInOrder_andKeepThem() {
        var table = NameTable()
        for round in 0..<2 {
            for number in 0..<5000 {
                let got = withTexts(["pm", "v", "instrument-\(number)"]) {
                    table.number(of: NameTable.Name(first: $0[0], second: $0[1], third: $0[2]))
                }
                #expect(got == number, "round \(round)")
            }
        }
        #expect(table.count == 5000)
    }

    @Test func boundariesBetweenTexts_count() {
        var table = NameTable()
        let names = [
            ["ab", "c", ""], ["a", "bc", ""], ["", "abc", ""], ["abc", "", ""], ["", "", "abc"], ["12345678", "9", ""],
            ["1234567", "89", ""],
        ]
        for (number, name) in names.enumerated() {
            #expect(withTexts(name) { table.number(of: NameTable.Name(first: $0[0], second: $0[1], third: $0[2])) } == number)
        }
    }

    @Test func escapedSpelling_findsThePlainName() {
        var table = NameTable()
        let plain = withTexts(["größe"]) { table.number(of: NameTable.Name(first: $0[0])) }
        let escaped = withTexts(["gr\\u00f6\\u00DFe"]) { table.number(of: NameTable.Name(first: $0[0])) }
        #expect(plain == escaped)
        #expect(withTexts(["nobody"]) { table.find(NameTable.Name(first: $0[0])) } == nil)
    }
}
