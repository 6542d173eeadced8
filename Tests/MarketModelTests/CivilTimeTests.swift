import Glibc
import MarketModel
import TestSupport
import Testing

@Suite struct CivilTimeTests {
    @Test(arguments: UInt64(1)...200)
    func civilTime_isThatOfTheLibrary(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let range: ClosedRange<Int64> = seed % 2 == 0 ? -62_000_000_000_000_000...250_000_000_000_000_000 : Int64.min...Int64.max
        let time = Int64.random(in: range, using: &random)
        let (quotient, remainder) = time.quotientAndRemainder(dividingBy: 1_000_000)
        var seconds = Int(remainder < 0 ? quotient - 1 : quotient)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let civil = CivilTime(Timestamp(micros: time))
        #expect(civil.year == Int64(parts.tm_year) + 1900 && civil.month == Int64(parts.tm_mon) + 1 && civil.day == Int64(parts.tm_mday))
        #expect(civil.hour == Int64(parts.tm_hour) && civil.minute == Int64(parts.tm_min) && civil.second == Int64(parts.tm_sec))
        #expect(civil.micros == remainder + (remainder < 0 ? 1_000_000 : 0))
    }

    @Test func texts() {
        #expect(CivilTime(Timestamp(micros: 1_790_267_321_011_204)).exact == "2026-09-24T16:28:41.011204Z")
        #expect(CivilTime(Timestamp(micros: -1)).short == "1969-12-31 23:59:59")
        #expect(CivilTime(Timestamp(micros: .min)).exact.hasPrefix("-290308-12-21T19:59:05"))
    }

    @Test func everyDay_isTheSystemsDay() {
        for day in stride(from: Int64(-200_000), through: 200_000, by: 37) {
            var seconds = time_t(day * 86400)
            var parts = tm()
            gmtime_r(&seconds, &parts)
            let date = Timestamp.date(ofDay: day)
            #expect(Timestamp.days(date.year, date.month, date.day) == day)
            #expect(date == (Int64(parts.tm_year) + 1900, Int64(parts.tm_mon) + 1, Int64(parts.tm_mday)), "\(day)")
        }
    }
}
