import Testing

@testable import mkt_sink

@Suite struct FramePacerTests {
    @Test func newsWaitATenthOfASecond_agesASecond() {
        var pacer = FramePacer()
        #expect(pacer.dueMicros <= 0)
        pacer.isNews = true
        pacer.note(at: 5_000_000)
        #expect(pacer.dueMicros == 6_000_000)
        pacer.isNews = true
        #expect(pacer.dueMicros == 5_100_000)
    }
}
