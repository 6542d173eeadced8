import MarketModel
import Testing
import UnixTool

@testable import mkt_decide

struct DecideEngineTests {
    private let rules = "[rules.r]\nstrategy = \"trade_size\"\nmin_notional = 0\n"

    private func fault(_ line: String) throws -> EventError? {
        var engine = DecideEngine(try RuleFile.parse(rules, path: "r.toml"))
        var line = line
        return line.withUTF8 { bytes in
            do throws(EventError) {
                try engine.read(bytes)
                return nil
            } catch {
                return error
            }
        }
    }

    @Test func valuesThatRulesUse_areChecked_whateverTheRules() throws {
        let trade = Feed().trade("0.5", at: 1)
        #expect(try fault(trade) == nil)
        #expect(try fault(trade.replacing("0.5", with: "1.5")) == .outOfRange(.price))
        #expect(try fault(trade.replacing("0.5", with: "0.5000001")) == .outOfRange(.price))
        #expect(try fault(trade.replacing(#""size":1"#, with: #""size":-1"#)) == .outOfRange(.size))
        #expect(try fault(trade.replacing(#","size":1"#, with: "")) == .missing(.size))
        #expect(try fault(trade.replacing(#""conn":1"#, with: #""conn":"x""#)) == .wrongValue(.conn))
        #expect(try fault(Feed().status("gap", at: 1).replacing(#","state":"gap""#, with: "")) == .missing(.state))
        #expect(try fault(Feed().status("gap", instruments: ["7"], at: 1).replacing(#"["7"]"#, with: "[7]")) == .wrongValue(.instruments))
        #expect(try fault(Feed(label: "x").trade("0.5", at: 1).replacing(#""label":"x""#, with: #""label":5"#)) == .wrongValue(.label))
        #expect(try fault(Feed().delta(1, bid: "0.4", at: 1).replacing(#""seq":1,"#, with: "")) == .missing(.seq))
    }

    @Test func unknownTypes_areCounted_andDecideNothing() throws {
        var engine = DecideEngine(try RuleFile.parse(rules, path: "r.toml"))
        var writer = LineWriter(descriptor: -1)
        for var line in [#"{"v":1,"type":"tomorrow","recv_us":1}"#, #"{"v":1,"type":"decision","feed":"x","venue":"y","recv_us":1}"#] {
            try line.withUTF8 { bytes in
                try engine.read(bytes)
                try engine.act(&writer)
            }
        }
        #expect(engine.unknownTypes == 1)
        #expect(writer.buffer.count == 0)
    }

    @Test func malformedBookLine_leavesAHole() throws {
        let wide = "[rules.w]\nstrategy = \"spread\"\nmin_spread = 0.01\n"
        var engine = DecideEngine(try RuleFile.parse(wide, path: "r.toml"))
        var writer = LineWriter(descriptor: -1)
        let feed = Feed()
        let twice = feed.delta(2, bid: "0.4", at: 2).replacing("[0.4,5]", with: "[0.4,5],[0.4,6]")
        for var line in [feed.snapshot(1, "0.45", "0.455", at: 1), twice, feed.delta(3, bid: "0.45", size: 0, at: 3)] {
            try line.withUTF8 { bytes in
                guard (try? engine.read(bytes)) != nil else { return }
                try engine.act(&writer)
            }
        }
        #expect(engine.router.booksKnown == 0)
        #expect(writer.buffer.count == 0)
    }
}
