import MarketModel
import Testing

@testable import mkt_merge

@Suite struct LineFilterTests {
    private func passes(_ filter: LineFilter, _ line: String) -> Bool? {
        Array(line.utf8).withUnsafeBufferPointer { LineKeys.find(in: $0, names: filter.needsNames).map(filter.passes) }
    }

    private let trade =
        "{\"v\":1,\"type\":\"trade\",\"feed\":\"k\",\"venue\":\"kalshi\",\"market\":\"KX-1\",\"instrument\":\"KX-1-YES\",\"recv_us\":100}"

    @Test func from_isInside_andTo_isNot() {
        let filter = LineFilter(from: 100, to: 200)
        #expect(passes(filter, "{\"recv_us\":99}") == false)
        #expect(passes(filter, "{\"recv_us\":100}") == true)
        #expect(passes(filter, "{\"recv_us\":199}") == true)
        #expect(passes(filter, "{\"recv_us\":200}") == false)
    }

    @Test func noCut_passesTheEndsOfTime() {
        #expect(passes(LineFilter(), "{\"recv_us\":9223372036854775807}") == true)
        #expect(passes(LineFilter(), "{\"recv_us\":-9223372036854775808}") == true)
    }

    @Test func only_passesExactTypes() {
        let filter = LineFilter(types: NameSet(["trade", "tomorrow"]))
        #expect(passes(filter, trade) == true)
        #expect(passes(filter, "{\"type\":\"tr\\u0061de\",\"recv_us\":1}") == true)
        #expect(passes(filter, "{\"type\":\"tomorrow\",\"recv_us\":1}") == true)
        #expect(passes(filter, "{\"type\":\"trades\",\"recv_us\":1}") == false)
        #expect(passes(filter, "{\"type\":\"quote\",\"recv_us\":1,\"type\":\"trade\"}") == true)
        #expect(passes(filter, trade.dropLast() + ",\"type\":\"quote\"}") == false)
    }

    @Test func unknownType_passesWhenNoTypesAreNamed() {
        #expect(passes(LineFilter(markets: NameSet(["a"])), "{\"type\":\"tomorrow\",\"recv_us\":1}") == true)
    }

    @Test func market_passesMarketOrInstrument_andLinesAboutNeither() {
        for id in ["KX-1", "KX-1-YES"] { #expect(passes(LineFilter(markets: NameSet(["x", id])), trade) == true) }
        let other = LineFilter(markets: NameSet(["KX-2"]))
        #expect(passes(other, trade) == false)
        #expect(passes(other, trade.dropLast() + ",\"market\":\"KX-2\"}") == true)
        #expect(passes(other, "{\"type\":\"feed_status\",\"recv_us\":1}") == true)
        #expect(passes(other, "{\"type\":\"feed_status\",\"recv_us\":1,\"x\":{\"market\":\"KX-1\"}}") == true)
    }

    @Test func manyNames_areAllFound_andNoOther() {
        let names = (0..<2000).map { "0x\($0 * 7919)" }
        let set = NameSet(names)
        let filter = LineFilter(markets: set)
        for name in names.prefix(300) { #expect(passes(filter, "{\"market\":\"\(name)\",\"recv_us\":1}") == true) }
        for number in 0..<300 { #expect(passes(filter, "{\"market\":\"0x\(number)y\",\"recv_us\":1}") == false) }
    }
}
