import Testing

@testable import UnixTool

struct NearestWordTests {
    @Test(arguments: [("", "abc", 3), ("kitten", "sitting", 3), ("same", "same", 0), ("ab", "ba", 2), ("min_spred", "min_spread", 1)])
    func edits(from: String, to: String, count: Int) {
        #expect(NearestWord.edits(from, to) == count)
        #expect(NearestWord.edits(to, from) == count)
    }

    @Test func nearest_isTheFirstOfTheClosest() {
        #expect(NearestWord.of("vnue", among: ["market", "venue", "value"]) == "venue")
        #expect(NearestWord.of("x", among: []) == nil)
    }
}
