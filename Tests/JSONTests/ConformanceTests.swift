import JSON
import TestSupport
import Testing

/// RFC 8259, case by case; each text ends at a page that nobody may touch.
@Suite struct ConformanceTests {
    private let page = GuardedPage(capacity: 1 << 20)

    @Test(arguments: ConformanceAccepted.all + ConformanceChoices.accepted)
    func validText_isAccepted(_ text: ConformanceCase) {
        let faults = Walks.fault(page.place(text.bytes))
        #expect(faults.skip == nil)
        #expect(faults.pull == nil)
    }

    @Test(arguments: ConformanceRefused.all + ConformanceChoices.refused)
    func invalidText_isRefused(_ text: ConformanceCase) {
        let faults = Walks.fault(page.place(text.bytes))
        #expect(faults.skip != nil)
        #expect(faults.pull != nil)
    }

    @Test(arguments: ConformanceAccepted.all + ConformanceChoices.accepted)
    func validText_cutAnywhere_isRefused(_ text: ConformanceCase) throws {
        // A lone number is the one value that has shorter values in front of it.
        var scanner = JSONScanner(page.place(text.bytes))
        guard try scanner.peekKind() != .number else { return }
        _ = try scanner.value()
        let end = scanner.offset
        for cut in 0..<end {
            #expect(Walks.accepts(page.place(text.bytes[..<cut])) == false, "cut at \(cut)")
        }
        for cut in end...text.bytes.count {
            #expect(Walks.accepts(page.place(text.bytes[..<cut])) == true, "cut at \(cut)")
        }
    }

    @Test(arguments: ConformanceRefused.all + ConformanceChoices.refused)
    func invalidText_cutAnywhere_isNeverReadBeyond(_ text: ConformanceCase) {
        for cut in 0..<min(text.bytes.count, 300) {
            #expect(Walks.accepts(page.place(text.bytes[..<cut])) != nil, "cut at \(cut)")
        }
    }

    @Test(arguments: ConformanceAccepted.all)
    func validText_followedByAnyByte_isRefusedUnlessBlank(_ text: ConformanceCase) throws {
        var scanner = JSONScanner(page.place(text.bytes))
        guard try scanner.peekKind() != .number else { return }
        for byte in UInt8.min...UInt8.max {
            let isBlank = [0x20, 0x09, 0x0A, 0x0D].contains(byte)
            #expect(Walks.accepts(page.place(text.bytes + [byte])) == isBlank, "byte \(byte)")
        }
    }

    @Test func everySingleByte_agreesWithTheSlowReader() {
        for byte in UInt8.min...UInt8.max {
            #expect(Walks.accepts(page.place([byte])) == SlowJSON.accepts([byte]), "byte \(byte)")
        }
    }

    @Test func everyPairOfBytesInAString_agreesWithTheSlowReader() {
        for first in UInt8.min...UInt8.max {
            for second in UInt8.min...UInt8.max {
                let text = [0x22, first, second, 0x22]
                if Walks.accepts(page.place(text)) != SlowJSON.accepts(text) {
                    Issue.record("bytes \(first) \(second)")
                }
            }
        }
    }

    @Test func mutatedTexts_agreeWithTheSlowReader() {
        var random = SeededGenerator(seed: 1)
        let seeds = (ConformanceAccepted.all + ConformanceRefused.all).map(\.bytes).filter { $0.count < 200 }
        let bytes = Array("{}[]\",:0123456789-+.eEtrufalsn\\/bx \n\t\u{0}\u{7F}".utf8) + [0x80, 0xC2, 0xE0, 0xED, 0xF0, 0xF4, 0xFF]
        for round in 0..<60_000 {
            var text = random.pick(seeds)
            for _ in 0...random.below(3) { mutate(&text, bytes, &random) }
            if Walks.accepts(page.place(text)) != SlowJSON.accepts(text) {
                Issue.record("round \(round): \(String(decoding: text, as: UTF8.self)) \(text)")
            }
        }
    }

    private func mutate(_ text: inout [UInt8], _ bytes: [UInt8], _ random: inout SeededGenerator) {
        let at = random.below(text.count + 1)
        switch random.below(4) {
        case 0: text.insert(random.pick(bytes), at: at)
        case 1 where at < text.count: text.remove(at: at)
        case 2 where at < text.count: text[at] = random.pick(bytes)
        case 3: text.insert(contentsOf: text.prefix(random.below(8)), at: at)
        default: text.append(random.pick(bytes))
        }
    }
}
