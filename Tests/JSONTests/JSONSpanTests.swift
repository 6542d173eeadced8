import JSON
import Testing

@Suite struct JSONSpanTests {
    private func moved(_ text: [UInt8], _ make: (UnsafePointer<UInt8>) -> JSONText?) -> (
        told: Bool, empty: Bool, text: String?, escapes: Bool
    ) {
        let span = text.withUnsafeBufferPointer { JSONSpan(make($0.baseAddress!), from: $0.baseAddress!) }
        // The same bytes elsewhere.
        let copy = [0] + text
        return copy.withUnsafeBufferPointer {
            let found = span.text(from: $0.baseAddress! + 1)
            return (span.isTold, span.isEmpty, found.map { String(decoding: $0.bytes, as: UTF8.self) }, found?.hasEscapes ?? false)
        }
    }

    @Test func text_isFoundAgain_whereTheBytesAreNow() {
        let bytes = Array(#"{"a":"b\n"}"#.utf8)
        #expect(moved(bytes) { JSONText(base: $0 + 2, count: 1) } == (true, false, "a", false))
        #expect(moved(bytes) { JSONText(base: $0 + 6, count: 3, hasEscapes: true) } == (true, false, #"b\n"#, true))
        #expect(moved(bytes) { JSONText(base: $0, count: bytes.count) } == (true, false, #"{"a":"b\n"}"#, false))
    }

    @Test func emptyText_isTold_andNoneIsNot() {
        #expect(moved([0x20]) { JSONText(base: $0, count: 0) } == (true, true, "", false))
        #expect(moved([0x20]) { JSONText(base: $0 + 1, count: 0, hasEscapes: true) } == (true, true, "", true))
        #expect(moved([0x20]) { _ in nil } == (false, true, nil, false))
    }
}

@Suite struct NearMemoryTests {
    @Test func asking_changesNothing_whateverIsAskedFor() {
        var (none, some): ([Int64], [Int64]) = ([], [1, 2, 3])
        // As many as it has, more, and fewer.
        for all in 0...9 {
            NearMemory.ask(for: &none, last: 8, of: all)
            NearMemory.ask(for: &some, last: 2, of: all)
            NearMemory.ask(for: &none, 1, at: all)
            NearMemory.ask(for: &some, 2, at: all)
        }
        NearMemory.ask(for: UnsafeRawPointer(bitPattern: 64)!, 1000)
        #expect(none.isEmpty && some == [1, 2, 3])
    }

    /// How far behind its storage an array begins: who asks for elements goes by it.
    private func begin<Element>(_ array: [Element]) -> Int? {
        var array = array
        let storage = withUnsafeBytes(of: &array) { $0.load(as: UnsafeRawPointer.self) }
        return array.withUnsafeBufferPointer { $0.baseAddress.map { UnsafeRawPointer($0) - storage } }
    }

    @Test func arraysBegin_whereAskingTakesThemToBegin() {
        #expect(begin([1 as UInt8]) == 32)
        #expect(begin([1 as Int64, 2]) == 32)
        #expect(begin([SIMD4<UInt64>(), SIMD4<UInt64>()]) == 32)
        #expect(begin([SIMD8<UInt64>()]) == 32)
    }
}
