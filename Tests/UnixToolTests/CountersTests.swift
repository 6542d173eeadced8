import Testing
import UnixTool

@Suite struct CountersTests {
    @Test func names_comeInRisingByteOrder() {
        var counters = Counters()
        for name in ["b", "a_z", "a-z", "Z", "é", "a", "aa", "_"] { counters.add(name) }
        #expect(counters.sorted.map(\.name) == ["Z", "_", "a", "a-z", "a_z", "aa", "b", "é"])
        #expect(counters.line == "Z=1 _=1 a=1 a-z=1 a_z=1 aa=1 b=1 é=1")
    }

    @Test func counts_addUp() {
        var counters = Counters()
        #expect(counters["a"] == 0)
        counters.add("a")
        counters.add("a", 5)
        counters.set("b", 7)
        counters.set("b", 2)
        #expect(counters["a"] == 6 && counters["b"] == 2)
        #expect(Counters().line == "")
        counters.add(counters)
        #expect(counters["a"] == 12 && counters["b"] == 4)
    }

    @Test func whatIsCountedByLiteral_isTheSameCount() {
        var counters = Counters()
        for _ in 0..<3 { counters.count("b") }
        counters.count("a")
        counters.add("b", 10)
        #expect(counters["a"] == 1 && counters["b"] == 13 && counters.line == "a=1 b=13")
        var sum = Counters()
        sum.count("b")
        sum.add(counters)
        #expect(sum.line == "a=1 b=14")
        sum.set("b", 2)
        sum.count("b")
        #expect(sum.line == "a=1 b=3")
    }
}
