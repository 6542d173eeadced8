import MarketModel
import Testing

@Suite struct PriceTests {
    @Test func complement_isWhatIsLeftOfOne() {
        #expect(Price(millionths: 480_000).complement == Price(millionths: 520_000))
        #expect(Price.zero.complement == .one)
        #expect(Price.one.complement == .zero)
    }

    @Test func probability_isZeroToOne() {
        #expect(Price.zero.isProbability && Price.one.isProbability)
        #expect(!Price(millionths: -1).isProbability && !Price(millionths: 1_000_001).isProbability)
    }

    @Test func order_isThatOfTheNumbers() {
        #expect(Price(millionths: 1) < Price(millionths: 2))
        #expect(Size(millionths: -1) < .zero)
        #expect(Timestamp(micros: 1) < Timestamp(micros: 2))
    }
}

@Suite struct TimestampTests {
    @Test func advancing_stopsAtTheEndsOfTime() {
        #expect(Timestamp(micros: 5).advanced(byMicros: -7).micros == -2)
        #expect(Timestamp(micros: .max).advanced(byMicros: 1).micros == .max)
        #expect(Timestamp(micros: .min).advanced(byMicros: -1).micros == .min)
    }

    @Test func difference_thatDoesNotFit_isTheLargestThatDoes() {
        #expect(Timestamp(micros: 5).micros(since: Timestamp(micros: 7)) == -2)
        #expect(Timestamp(micros: .max).micros(since: Timestamp(micros: -1)) == .max)
        #expect(Timestamp(micros: .min).micros(since: Timestamp(micros: 1)) == .min)
        #expect(Timestamp(micros: 0).micros(since: Timestamp(micros: .min)) == .max)
    }
}
