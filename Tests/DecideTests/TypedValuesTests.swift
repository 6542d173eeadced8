import Testing
import UnixTool

@testable import mkt_decide

struct TypedValuesTests {
    private let text = """
        [rules.xv]
        strategy = "spread"
        min_spread = 0.05
        cooldown = "1s"
        [rules.other]
        strategy = "spread"
        min_spread = 0.5
        """

    private func rules(_ set: String...) throws -> [String] {
        try RuleFile.parse(text, path: "r.toml", TypedValues.parse(set)).rules.map(\.canonicalText)
    }

    private func message(_ set: String...) -> String {
        do {
            _ = try RuleFile.parse(text, path: "r.toml", TypedValues.parse(set))
            return ""
        } catch {
            return "\(error.status.rawValue) \(error.message)"
        }
    }

    private let other =
        #"{"action":"signal","cooldown_us":0,"min_spread":0.5,"rule":"other","strategy":"spread"}"#

    @Test func oneValue_takesThePlaceOfTheKey_andTheRuleKeepsItsName() throws {
        #expect(
            try rules("rules.xv.min_spread=0.07") == [
                other, #"{"action":"signal","cooldown_us":1000000,"min_spread":0.07,"rule":"xv","strategy":"spread"}"#,
            ])
        #expect(try rules("rules.xv.venue=kalshi")[1].contains(#""venue":["kalshi"]"#))
    }

    @Test func severalValues_areOneRuleEach_andSeveralKeysEveryCombination() throws {
        let names = try RuleFile.parse(
            text, path: "r", TypedValues.parse(["rules.xv.cooldown=2s,1m", "rules.xv.min_spread=0.01,0.1", "rules.xv.label=a*"])
        ).rules.map(\.name)
        #expect(
            names == [
                "other", "xv[cooldown=1m,min_spread=0.01]", "xv[cooldown=1m,min_spread=0.1]", "xv[cooldown=2s,min_spread=0.01]",
                "xv[cooldown=2s,min_spread=0.1]",
            ])
    }

    @Test func faults_areToldWithTheirPlace() {
        #expect(message("rules.xw.min_spread=1") == "64 --set: there is no rule 'xw'; did you mean 'xv'?")
        #expect(message("rules.xv.min_sprea=1").hasPrefix("64 --set rules.xv.min_sprea: rule") == false)
        #expect(
            message("rules.xv.min_sprea=1").hasPrefix(
                "64 --set rules.xv.min_sprea: strategy spread has no key 'min_sprea'; did you mean 'min_spread'?"))
        #expect(message("rules.xv.min_spread=x").hasPrefix("64 --set rules.xv.min_spread: min_spread is 'x'; give"))
        #expect(message("rules.xv.min_spread=0.1,2").hasPrefix("64 --set rules.xv.min_spread: min_spread is '2'; give"))
        #expect(message("rules.xv.min_spread=0.1,0.1") == "64 --set rules.xv.min_spread says a value twice; take one out")
        #expect(message("rules.xv.min_spread=1", "rules.xv.min_spread=2").hasPrefix("64 --set says rules.xv.min_spread twice"))
        #expect(message("rules.xv.strategy=move") == "64 --set cannot change the strategy of rule 'xv'; write another rule")
        for text in [
            "", "rules.xv.min_spread", "xv.min_spread=1", "rules.xv=1", "rules..a=1", "rules.xv.a=", "rules.xv.a=1,", "rules.xv.a.b=1",
        ] {
            #expect(message(text).hasPrefix("64 --set is '\(text)'; give rules.NAME.KEY=VALUE"))
        }
        let many = (1...40).map { "0.\($0)" }.joined(separator: ",")
        let spans = (1...40).map { "\($0)s" }.joined(separator: ",")
        #expect(
            message("rules.xv.min_spread=\(many)", "rules.xv.cooldown=\(spans)")
                == "64 --set makes more than 1000 variants of rule 'xv'; give fewer values")
    }
}
