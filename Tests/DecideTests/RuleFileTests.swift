import Testing
import UnixTool

@testable import mkt_decide

/// Every message names file and line, and what to write instead.
struct RuleFileTests {
    private func message(_ text: String) -> String {
        do {
            _ = try RuleFile.parse(text, path: "r.toml")
            return "no failure"
        } catch {
            #expect(error.status == .configuration)
            return error.message
        }
    }

    private func spread(_ more: String) -> String { message("[rules.wide]\nstrategy = \"spread\"\nmin_spread = 0.05\n" + more) }

    @Test func notTOML() {
        #expect(message("[rules.wide\n").hasPrefix("r.toml:1: not TOML: "))
    }

    @Test func noRules() {
        let fix = "give --rules FILE with tables such as [rules.wide] (docs/strategies.md)"
        #expect(message("") == "no rules: r.toml has no [rules.NAME] table; \(fix)")
        #expect(message("[rules]\n") == "no rules: r.toml has no [rules.NAME] table; \(fix)")
    }

    @Test func otherTables() {
        #expect(
            message("[rule.wide]\n") == "r.toml:1: a rules file holds only [rules.NAME] tables, not 'rule'; "
                + "rename it to [rules.rule] or move it to the settings file")
        #expect(message("rules = 5\n") == "r.toml:1: rules is a whole number; write [rules.NAME] tables")
        #expect(message("[rules]\nwide = 5\n") == "r.toml:2: rules.wide is a whole number; write a table [rules.wide]")
    }

    @Test func names() {
        #expect(message("[rules.\"a b\"]\n") == "r.toml:1: rule 'a b': a rule's name has only letters, digits, '_' and '-'; rename it")
    }

    @Test func strategies() {
        let names = StrategyRegistry.names.map { "\"\($0)\"" }
        #expect(names.count == 11 && names.first == "\"spread\"" && names.last == "\"anomaly\"")
        let all = "one of " + names.joined(separator: ", ")
        #expect(message("[rules.a]\n") == "r.toml:1: rule 'a': strategy is missing; give \(all)")
        #expect(
            message("[rules.a]\nstrategy = \"spred\"\n")
                == "r.toml:2: rule 'a': there is no strategy 'spred'; did you mean 'spread'? Give \(all)")
        #expect(message("[rules.a]\nstrategy = 5\n") == "r.toml:2: rule 'a': strategy is '5'; give \(all)")
    }

    @Test func actions() {
        #expect(
            spread("action = \"trade\"\n")
                == #"r.toml:4: rule 'wide': strategy spread computes no trade, so action cannot be 'trade'; give "signal" or "alert""#)
        #expect(spread("action = \"sell\"\n") == #"r.toml:4: rule 'wide': action is 'sell'; give "signal" or "alert""#)
        #expect(spread("action = \"alert\"\n") == "no failure")
    }

    @Test func unknownKeys() {
        #expect(
            spread("cooldwon = \"1s\"\n") == "r.toml:4: rule 'wide': strategy spread has no key 'cooldwon'; did you mean 'cooldown'? "
                + "It takes strategy, action, venue, market, instrument, label, cooldown, parameters, min_spread")
        #expect(spread("window = \"1s\"\n").contains("strategy spread has no key 'window'; did you mean '"))
    }

    @Test(arguments: ["0", "-0.05", "1.000001", "0.0000001", "\"wide\"", "true", "inf", "nan", "[0.05]", "\"\"", "\"++1\""])
    func spreadsOutOfRange(value: String) {
        let said = message("[rules.wide]\nstrategy = \"spread\"\nmin_spread = \(value)\n")
        #expect(said.hasPrefix("r.toml:3: rule 'wide': min_spread is "), "\(said)")
        #expect(said.hasSuffix("; give a spread in dollars above 0 and up to 1, such as 0.05"), "\(said)")
    }

    @Test(arguments: ["0.05", "+0.05", "\"0.05\"", "5e-2", "0.050", "\"0.0500000000\""])
    func numbersInEverySpelling(value: String) throws {
        let rules = try RuleFile.parse("[rules.wide]\nstrategy = \"spread\"\nmin_spread = \(value)\n", path: "r.toml")
        #expect((rules.rules[0].strategy as? SpreadStrategy)?.minSpread == 50_000)
    }

    @Test func spans() {
        let move = "[rules.jump]\nstrategy = \"move\"\nmin_move = 0.05\n"
        #expect(message(move) == "r.toml:1: rule 'jump': window is missing; give a span of time above 0, such as \"10s\"")
        #expect(message(move + "window = 10\n").hasPrefix("r.toml:4: rule 'jump': window is '10'; give a span of time above 0"))
        #expect(message(move + "window = \"0\"\n").hasPrefix("r.toml:4: rule 'jump': window is '0'; give a span of time above 0"))
        #expect(spread("cooldown = \"soon\"\n").hasPrefix("r.toml:4: rule 'wide': cooldown is 'soon'; give a span of time such as"))
        #expect(spread("cooldown = \"0\"\n") == "no failure")
    }

    @Test func scopes() {
        #expect(spread("venue = 5\n") == "r.toml:4: rule 'wide': venue is '5'; give a text in quotes, or an array of such texts")
        #expect(
            spread("market = []\n") == "r.toml:4: rule 'wide': market is an empty array, which matches nothing; leave it out or fill it")
        #expect(spread("instrument = [\"\"]\n").hasPrefix("r.toml:4: rule 'wide': instrument is ''; give a text in quotes"))
        #expect(spread("label = \"[a\"\n").hasPrefix("r.toml:4: rule 'wide': label is '[a', whose [ has no end or runs backwards; write "))
    }

    @Test func rulesAboutSeveralBooks() {
        func message(_ strategy: String, without key: String? = nil, _ more: String = "") -> String {
            let keys = ["min_edge = 0.005", "max_size = 10", "max_cost = 5", "max_age = \"2s\"", "hold = \"0\""]
            let said = keys.filter { line in key.map { !line.hasPrefix($0) } ?? true }
            return self.message((["[rules.x]", "strategy = \"\(strategy)\""] + said + [more]).joined(separator: "\n"))
        }
        #expect(message("arbitrage") == "no failure")
        #expect(message("arbitrage", without: "hold", "action = \"trade\"") == "no failure")
        for key in ["min_edge", "max_size", "max_cost", "max_age"] {
            #expect(message("arbitrage", without: key).hasPrefix("r.toml:1: rule 'x': \(key) is missing; give "))
        }
        #expect(message("complement", without: "hold").hasPrefix("r.toml:1: rule 'x': hold is missing; give a span of time"))
        #expect(message("event_set").hasPrefix("r.toml:1: rule 'x': events is missing or empty; give a table of event ids"))
        #expect(message("event_set", "events = { a = 1 }").hasPrefix("r.toml:8: rule 'x': events of 'a' is '1'; give a table"))
        #expect(message("event_set", "events = { a = 129 }").hasPrefix("r.toml:8: rule 'x': events of 'a' is '129'; give a table"))
        #expect(message("event_set", "events = { a = 2, b = 128 }") == "no failure")
        #expect(message("arbitrage", without: "min_edge", "min_edge = 1").hasPrefix("r.toml:7: rule 'x': min_edge is '1'; give dollars"))
        #expect(message("arbitrage", without: "max_size", "max_size = 0.009").hasPrefix("r.toml:7: rule 'x': max_size is '0.009'; give"))
        #expect(message("arbitrage", "max_sise = 1").contains("strategy arbitrage has no key 'max_sise'; did you mean 'max_size'?"))
        #expect(
            message("arbitrage", "fee_rounding = { kalshi = \"cent_upp\" }")
                == "r.toml:8: rule 'x': fee_rounding of kalshi is 'cent_upp'; did you mean 'cent_up'? "
                + "Give a table such as { kalshi = \"cent_up\" }, each of half_up_5, cent_up, up_4, up_6")
        #expect(message("arbitrage", "fee_rounding = \"cent_up\"").hasPrefix("r.toml:8: rule 'x': fee_rounding is 'cent_up'; give a table"))
        #expect(
            message("arbitrage", "action = \"buy\"") == #"r.toml:8: rule 'x': action is 'buy'; give "signal", "alert" or "trade""#)
    }

    @Test func otherStrategies() {
        #expect(
            message("[rules.x]\nstrategy = \"threshold\"\n")
                == "r.toml:1: rule 'x': above and below are missing; give one or both, such as above = 0.6")
        #expect(
            message("[rules.x]\nstrategy = \"threshold\"\nabove = 0\n").hasPrefix("r.toml:3: rule 'x': above is '0'; give a price above 0"))
        #expect(
            message("[rules.x]\nstrategy = \"threshold\"\nbelow = 1\n").hasPrefix("r.toml:3: rule 'x': below is '1'; give a price from 0"))
        #expect(message("[rules.x]\nstrategy = \"trade_size\"\n").hasPrefix("r.toml:1: rule 'x': min_notional is missing; give dollars"))
        #expect(
            message("[rules.x]\nstrategy = \"trade_size\"\nmin_notional = 0.0000001\n").hasPrefix("r.toml:3: rule 'x': min_notional is "))
    }
}
