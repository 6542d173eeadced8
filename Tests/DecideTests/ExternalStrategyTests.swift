import MarketModel
import Testing
import UnixTool

@testable import mkt_decide

/// Rules with a program, as files spell them.
@Suite struct ExternalStrategyTests {
    private func message(_ text: String) -> String {
        do throws(ToolFailure) {
            _ = try RuleFile.parse("[rules.mine]\n" + text, path: "r.toml")
            return "no failure"
        } catch {
            return error.message
        }
    }

    private func rule(_ text: String) throws -> Rule { try RuleFile.parse("[rules.mine]\n" + text, path: "r.toml").rules[0] }

    @Test func program_takesThePlaceOfAStrategy() throws {
        let rule = try rule("exec = [\"python3\", \"my.py\", \"\"]\nvenue = \"kalshi\"\n")
        let strategy = try #require(rule.strategy as? ExternalStrategy)
        #expect(strategy.words == ["python3", "my.py", ""] && strategy.kinds == Set(ExternalStrategy.kinds) && strategy.onSlow == nil)
        #expect(rule.summary == "mine: exec, signal when the program python3 my.py  says so; venue kalshi")
    }

    @Test func shapesOfExec() {
        let wanted = "give a program and its arguments, such as [\"python3\", \"my.py\"]"
        #expect(message("exec = \"my.py\"\n") == "r.toml:2: rule 'mine': exec is 'my.py'; \(wanted)")
        #expect(message("exec = []\n").hasSuffix(wanted))
        #expect(message("exec = [\"\"]\n").hasSuffix(wanted))
        #expect(message("exec = [\"sh\", 5]\n") == "r.toml:2: rule 'mine': exec is '5'; \(wanted)")
        #expect(message("exec = [\"s\\u0000h\"]\n").hasSuffix(wanted))
        #expect(
            message("exec = [\"sh\"]\nstrategy = \"spread\"\n")
                == "r.toml:2: rule 'mine': a rule has a strategy or a program, not both; take strategy or exec out")
    }

    @Test func events() throws {
        let two = try rule("exec = [\"sh\"]\nevents = [\"trade\", \"feed_status\"]\n").strategy as? ExternalStrategy
        #expect(two?.kinds == Set([EventKind.trade, .feedStatus]))
        let wrong = message("exec = [\"sh\"]\nevents = \"trades\"\n")
        #expect(wrong.hasPrefix("r.toml:3: rule 'mine': there are no events 'trades' for a program; did you mean 'trade'?"))
        #expect(message("exec = [\"sh\"]\nevents = \"stage_status\"\n").contains("there are no events 'stage_status'"))
    }

    @Test func otherKeys() {
        #expect(message("exec = [\"sh\"]\non_slow = \"wait\"\n") == #"r.toml:3: rule 'mine': on_slow is 'wait'; give "drop" or "block""#)
        #expect(message("exec = [\"sh\"]\npatience = \"0\"\n").contains("patience is '0'; give a span of time above 0"))
        #expect(message("exec = [\"sh\"]\naction = \"trade\"\n").contains("strategy exec computes no trade"))
        #expect(message("exec = [\"sh\"]\nmin_edge = 1\n").contains("strategy exec has no key 'min_edge'"))
    }

    /// How long a program is waited for is not what a rule is: the hash of a replay is that of the live run.
    @Test func canonicalText_leavesOutWaiting() throws {
        let plain = try rule("exec = [\"sh\", \"a\"]\n").canonicalText
        #expect(try rule("exec = [\"sh\", \"a\"]\non_slow = \"block\"\npatience = \"1m\"\n").canonicalText == plain)
        #expect(try rule("exec = [\"a\", \"sh\"]\n").canonicalText != plain)
        #expect(try rule("exec = [\"sh\", \"a\"]\nevents = \"trade\"\n").canonicalText != plain)
    }
}
