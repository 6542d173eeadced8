import MarketModel
import Testing

@testable import mkt_merge

@Suite struct TimeArgumentTests {
    @Test(arguments: [
        ("0", 0), ("1790363624380012", 1_790_363_624_380_012), ("-5", -5), ("1970-01-01", 0), ("2026-09-25", 1_790_294_400_000_000),
        ("2026-09-25T19:00:00Z", 1_790_362_800_000_000), ("2026-09-25T21:00:00+02:00", 1_790_362_800_000_000),
        ("2026-09-25t19:00:00.5z", 1_790_362_800_500_000), ("2026-09-25T19:00:00.1234567Z", 1_790_362_800_123_456),
        ("2024-02-29", 1_709_164_800_000_000), ("1969-12-31T23:59:59Z", -1_000_000), ("2000-03-01", 951_868_800_000_000),
    ])
    func time_isRead(text: String, micros: Int64) {
        #expect(TimeArgument.parse(text)?.micros == micros)
    }

    @Test(arguments: [
        "", "now", "2026-09", "2026-13-01", "2026-02-30", "2023-02-29", "2026-09-25T19:00:00", "2026-09-25T25:00:00Z", "19:00", "1.5",
        "2026-09-25Z", "2026-09-25T19:00:00Zx", "+5", " 5",
    ])
    func otherText_isRefused(text: String) {
        #expect(TimeArgument.parse(text) == nil)
    }
}

@Suite struct PacerTests {
    @Test(arguments: [(1_000_000, 1000), (10_000_000, 100), (500_000, 2000), (3_000_000, 333)])
    func secondLine_isDueAfterItsDistance_dividedByTheSpeed(speed: Int64, distance: Int64) {
        var pacer = Pacer(speedMillionths: speed)
        #expect(pacer.dueMicros(received: 5_000_000, nowMicros: 70) == 70)
        #expect(pacer.dueMicros(received: 5_001_000, nowMicros: 90) == 70 + distance)
    }

    @Test func olderLine_isDueAtOnce_andExtremesDoNotOverflow() {
        var pacer = Pacer(speedMillionths: 1)
        #expect(pacer.dueMicros(received: 0, nowMicros: 70) == 70)
        #expect(pacer.dueMicros(received: .min, nowMicros: 80) == 70)
        #expect(pacer.dueMicros(received: .max, nowMicros: 80) == .max)
    }
}

@Suite struct ArrivalMarksTests {
    @Test func line_arrivedWhenItsLastByteDid() {
        var marks = ArrivalMarks()
        marks.add(bytes: 100, micros: 1)
        marks.add(bytes: 150, micros: 2)
        #expect(marks.micros(ofBytes: 40) == 1)
        #expect(marks.micros(ofBytes: 100) == 1)
        #expect(marks.micros(ofBytes: 101) == 2)
        marks.add(bytes: 300, micros: 9)
        #expect(marks.micros(ofBytes: 150) == 2)
        #expect(marks.micros(ofBytes: 300) == 9)
    }

    @Test func manyReads_keepTheirTimes() {
        var marks = ArrivalMarks()
        for read in 1...5000 {
            marks.add(bytes: read * 10, micros: Int64(read))
            if read > 100 { #expect(marks.micros(ofBytes: (read - 100) * 10) == Int64(read - 100)) }
        }
    }
}
