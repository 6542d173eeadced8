import Testing

@testable import mkt_sink

@Suite struct ColourChoiceTests {
    @Test(arguments: [
        (ColourChoice.auto, true, false, true), (.auto, true, true, false), (.auto, false, false, false), (.always, false, true, true),
        (.never, true, false, false),
    ])
    func isOn(choice: ColourChoice, isTerminal: Bool, isRefused: Bool, expected: Bool) {
        #expect(choice.isOn(isTerminal: isTerminal, isRefused: isRefused) == expected)
    }
}
