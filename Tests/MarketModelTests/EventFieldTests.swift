import JSON
import MarketModel
import Testing

@Suite struct EventFieldTests {
    private func field(_ key: String) -> EventField? {
        var buffer = ByteBuffer()
        buffer.append(utf8: "\"\(key)\"")
        var scanner = JSONScanner(buffer.bytes)
        return try? EventField(scanner.string())
    }

    @Test func everyField_isFoundByItsName() {
        for one in EventField.allCases { #expect(field("\(one.name)") == one) }
    }

    @Test func everyField_isFoundByANameSpelledInEscapes() {
        for one in EventField.allCases {
            let escaped = "\(one.name)".unicodeScalars.map { "\\u00" + String($0.value, radix: 16) }.joined()
            #expect(field(escaped) == one)
        }
    }

    @Test(arguments: [
        "", "V", "vv", "recv-us", "recv_u", "recv_uss", "settlement_priceee", "a_key_that_is_much_longer_than_any_of_ours", "prıce",
    ])
    func otherName_isNone(_ key: String) {
        #expect(field(key) == nil)
    }

    @Test func envelope_isThatOfThePage() {
        #expect(ContractPage.envelope == EventField.allCases.prefix(11).map { "\($0.name)" })
    }

    @Test func fields_areExactlyThoseOfThePage() {
        let page = Set(ContractPage.envelope + ContractPage.types.flatMap(\.keys))
        #expect(page.count > 50)
        #expect(Set(EventField.allCases.map { "\($0.name)" }) == page)
    }

    @Test func names_areDifferent() {
        #expect(Set(EventField.allCases.map { "\($0.name)" }).count == EventField.allCases.count)
    }
}
