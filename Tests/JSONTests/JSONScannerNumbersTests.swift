import JSON
import TestSupport
import Testing

@Suite struct JSONScannerNumbersTests {
    private let page = GuardedPage()

    @Test func randomSpellings_agreeWithTheSlowReader() {
        var random = SeededGenerator(seed: 5)
        let characters = Array("0001234567890--++..eE1x".utf8)
        for round in 0..<60_000 {
            let text = (0...random.below(8)).map { _ in random.pick(characters) }
            if Walks.accepts(page.place(text)) != SlowJSON.accepts(text) { Issue.record("round \(round): \(text)") }
            let inArray = [0x5B] + text + [0x5D]
            if Walks.accepts(page.place(inArray)) != SlowJSON.accepts(inArray) { Issue.record("round \(round): \(inArray)") }
        }
    }

    @Test(arguments: ["0", "-0", "10", "-10.25", "1e5", "1E+5", "0.0e-00"])
    func number_isGivenAsItIsSpelled(_ text: String) throws {
        for around in [("", ""), (" ", " "), ("\t", "\n")] {
            var scanner = JSONScanner(page.place(Array((around.0 + text + around.1).utf8)))
            #expect(try scanner.number().string == text)
            try scanner.finish()
        }
    }

    @Test(arguments: ["01", "1.2.3", "1-2", "1+2", "-01"])
    func numberThatRunsOn_isRefusedByTheNumberItself(_ text: String) {
        var scanner = JSONScanner(page.place(Array(text.utf8)))
        #expect(throws: JSONError.self) { try scanner.number() }
    }
}
