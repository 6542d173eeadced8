import Testing

@testable import mkt_decide

/// Rules that begin to look at a book when others have done so for long: what was before they have not seen.
@Suite struct LateRuleTests {
    private let always = "[rules.always]\nstrategy = \"move\"\nwindow = \"1s\"\nmin_move = 0.04\n"
    private let late = "[rules.late]\nstrategy = \"move\"\nwindow = \"1s\"\nmin_move = 0.04\nlabel = \"btc*\"\n"
    private let plain = Feed()
    private let btc = Feed(label: "btc/Up")
    private let eth = Feed(label: "eth/Up")

    private func notes(_ lines: [String]) throws -> [String] {
        try DecideRun.decisions(always + late, lines).map(\.description)
    }

    @Test func ofAMove_itSeesThePartBehindItsBeginning() throws {
        let lines = [
            plain.snapshot(1, "0.40", "0.42", at: 1), btc.snapshot(2, "0.42", "0.44", at: 2), btc.snapshot(3, "0.44", "0.46", at: 3),
            btc.snapshot(4, "0.46", "0.48", at: 4),
        ]
        #expect(
            try notes(lines) == [
                "always: mid moved 0.04 >= 0.04 within 1s (0.41 to 0.45)", "late: mid moved 0.04 >= 0.04 within 1s (0.43 to 0.47)",
            ])
    }

    /// The mid is the same for both; since which line they know it is not.
    @Test func aMidThatStandsStill_beganForIt_whenItCame() throws {
        let lines = [
            plain.snapshot(1, "0.40", "0.42", at: 1), btc.snapshot(2, "0.40", "0.42", at: 2), btc.snapshot(3, "0.50", "0.52", at: 3),
        ]
        let decisions = try DecideRun.decisions(always + late, lines)
        #expect(decisions.map(\.rule) == ["always", "late"])
        #expect(decisions[0].line.contains(#""because":[{"instrument":"74","feed":"pm","conn":1,"seq":1,"#))
        #expect(decisions[1].line.contains(#""because":[{"instrument":"74","feed":"pm","conn":1,"seq":2,"#))
    }

    @Test func whoLeavesAndReturns_beginsAnew_andTheOthersGoOn() throws {
        let lines = [
            btc.snapshot(1, "0.40", "0.42", at: 1), eth.snapshot(2, "0.42", "0.44", at: 2), btc.snapshot(3, "0.43", "0.45", at: 3),
            btc.snapshot(4, "0.44", "0.46", at: 4), btc.snapshot(5, "0.47", "0.49", at: 5),
        ]
        #expect(
            try notes(lines) == [
                "always: mid moved 0.04 >= 0.04 within 1s (0.41 to 0.45)", "late: mid moved 0.04 >= 0.04 within 1s (0.44 to 0.48)",
            ])
    }

    @Test func aBreak_makesThemEqual() throws {
        let lines = [
            plain.snapshot(1, "0.40", "0.42", at: 1), btc.snapshot(2, "0.41", "0.43", at: 2), btc.status("gap", at: 3),
            btc.snapshot(3, "0.42", "0.44", at: 4), btc.snapshot(4, "0.46", "0.48", at: 5),
        ]
        let note = "mid moved 0.04 >= 0.04 within 1s (0.43 to 0.47)"
        #expect(try notes(lines) == ["always: \(note)", "late: \(note)"])
    }

    /// Two books of one instrument have different beginnings, and so have rules that come one after another.
    @Test func manyThatComeAndGo_doNotDisturbEachOther() throws {
        let third = "[rules.third]\nstrategy = \"move\"\nwindow = \"1s\"\nmin_move = 0.04\nlabel = \"*Up\"\n"
        var lines = [plain.snapshot(1, "0.10", "0.20", at: 1)]
        for (index, feed) in [eth, btc, plain, btc, eth, btc, plain, eth].enumerated() {
            lines.append(Feed(label: feed.label ?? "none").snapshot(index + 2, "0.1\(index + 1)", "0.2\(index + 1)", at: index + 2))
        }
        let told = try DecideRun.decisions(always + late + third, lines).map { "\($0.received) \($0.description)" }
        #expect(
            told == [
                "5 always: mid moved 0.04 >= 0.04 within 1s (0.15 to 0.19)", "9 always: mid moved 0.04 >= 0.04 within 1s (0.19 to 0.23)",
            ])
    }
}
