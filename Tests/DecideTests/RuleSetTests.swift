import Testing

@testable import mkt_decide

struct RuleSetTests {
    private let plain = """
        [rules.wide]
        strategy = "spread"
        min_spread = 0.05
        venue = ["kalshi", "polymarket"]
        [rules.jump]
        strategy = "move"
        window = "90s"
        min_move = 0.05
        """

    private func hash(_ text: String) throws -> String { try RuleFile.parse(text, path: "r.toml").hash }

    @Test func hash_doesNotDependOnTheHandThatWroteIt() throws {
        let other = """
            # Both rules again.
            [rules.jump]
            min_move = "0.0500"   # dollars

            window = "90000ms"
            strategy = "move"
            cooldown = "0"
            [rules.wide]
            action = "signal"
            venue = ["polymarket", "kalshi", "kalshi"]
            min_spread = 5e-2
            strategy = "spread"
            """
        #expect(try hash(plain) == hash(other))
    }

    @Test(arguments: [
        ("0.05\nvenue", "0.050001\nvenue"), ("90s", "91s"), ("jump", "hop"), ("\"kalshi\", ", ""),
        ("\"move\"", "\"move\"\ncooldown = \"1s\""),
    ])
    func hash_dependsOnEveryValue(from: String, to: String) throws {
        #expect(plain.contains(from))
        #expect(try hash(plain) != hash(plain.replacing(from, with: to)))
    }

    @Test func canonicalText_isJSONWithRisingKeys() throws {
        let rule = try RuleFile.parse(plain, path: "r.toml").rules[1]
        #expect(
            rule.canonicalText
                == #"{"action":"signal","cooldown_us":0,"min_spread":0.05,"rule":"wide","strategy":"spread","venue":["kalshi","polymarket"]}"#
        )
    }

    @Test func report_tellsEveryRule() throws {
        let lines = try RuleFile.parse(plain, path: "r.toml").report.split(separator: "\n")
        #expect(lines[0].hasPrefix("2 rules, sha256 "))
        #expect(lines[1] == "jump: move, signal when the mid moves by 0.05 within 90s; all instruments")
        #expect(lines[2] == "wide: spread, signal when the spread reaches 0.05; venue kalshi or polymarket")
    }
}
