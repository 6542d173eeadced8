import MarketModel
import Testing
import UnixTool

@testable import mkt_sink

@Suite struct LineClockTests {
    @Test func liveSeconds_areThoseOfAClockThatNobodySets() throws {
        var clock = LineClock(isLive: true)
        let before = Clock.monotonicMicros() / 1_000_000
        let told = clock.lineSecond()
        let second = try #require(told)
        #expect((before...Clock.monotonicMicros() / 1_000_000).contains(second))
        // Whatever the stream says.
        #expect(clock.second(Timestamp(micros: 5_000_000)) >= second)
    }

    @Test func secondsOfAFile_areTheStreams() {
        var clock = LineClock(isLive: false)
        #expect(clock.lineSecond() == nil)
        #expect(clock.second(Timestamp(micros: 5_000_000)) == 5)
        #expect(clock.now(Timestamp(micros: 5_000_000)).micros == 5_000_000)
    }
}
