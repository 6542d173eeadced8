import JSON
import Testing

@testable import FeedSession

@Suite struct TextNumbersTests {
    private func number(_ numbers: TextNumbers, _ text: StaticString) -> UInt32 {
        numbers.number(JSONText(base: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    @Test func eachText_hasOneNumber_andNoneHasZero() {
        let numbers = TextNumbers()
        #expect(number(numbers, "a") == 1 && number(numbers, "b") == 2 && number(numbers, "a") == 1)
        #expect(numbers.number(nil) == 0)
    }

    @Test func beyondTheLimit_newTextsHaveNone_andOldOnesTheirs() {
        let numbers = TextNumbers(countMax: 2)
        #expect(number(numbers, "a") == 1 && number(numbers, "b") == 2 && number(numbers, "c") == 0 && number(numbers, "b") == 2)
    }
}
