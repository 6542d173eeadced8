import Testing
import WebSocket

@Suite struct HTTPRetryAfterTests {
    /// Seconds as `date -u -d … +%s` gives them; the first is the example of RFC 9110.
    static let dates: [(String, Int64)] = [
        ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Wed, 31 Dec 1969 23:59:59 GMT", -1),
        ("Tue, 29 Feb 2000 12:00:00 GMT", 951_825_600),
        ("Mon, 01 Mar 2100 00:00:00 GMT", 4_107_542_400),
        ("Thu, 29 Feb 2024 23:59:59 GMT", 1_709_251_199),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799),
        ("Sat, 31 Dec 2016 23:59:60 GMT", 1_483_228_800),
        // The name of the day does not fit and does not count.
        ("Mon, 06 Nov 1994 08:49:37 GMT", 784_111_777),
    ]

    @Test(arguments: dates)
    func dates_areMicrosSince1970(_ text: String, _ seconds: Int64) {
        #expect(HTTPRetryAfter(text) == .date(micros: seconds * 1_000_000))
    }

    @Test func everyDay_isOneDayAfterTheDayBefore() {
        let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        var expected: Int64 = 0
        for year in 1970...2110 {
            for name in names {
                for day in 1...31 {
                    let twoDigits = day < 10 ? "0\(day)" : "\(day)"
                    guard let date = HTTPRetryAfter("Mon, \(twoDigits) \(name) \(year) 00:00:00 GMT") else { continue }
                    if date != .date(micros: expected) { Issue.record("\(day) \(name) \(year)") }
                    expected += 86_400_000_000
                }
            }
        }
        // 2111-01-01, as `date` gives it.
        #expect(expected == 4_449_513_600_000_000)
    }

    @Test func seconds_areRead_andTooManyAreTheLargest() {
        #expect(HTTPRetryAfter("0") == .seconds(0))
        #expect(HTTPRetryAfter("007") == .seconds(7))
        #expect(HTTPRetryAfter("120") == .seconds(120))
        #expect(HTTPRetryAfter("9223372036854775807") == .seconds(.max))
        #expect(HTTPRetryAfter("99999999999999999999999") == .seconds(.max))
    }

    @Test(arguments: [
        "", "-1", "+1", "1.5", "1 s", "soon", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun 06 Nov 1994 08:49:37 GMT", "Xyz, 06 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 31 Nov 1994 08:49:37 GMT",
        "Wed, 29 Feb 2023 00:00:00 GMT", "Mon, 29 Feb 2100 00:00:00 GMT", "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:00 GMT", "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 06 Nov 94 08:49:37 GMT", "Sun, 06 Nov 0000 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun,  06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT ",
        "Sun, +6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 8:49:37 GMT", "Sun, 06 Nov 1994 08:49 GMT", "Sun, 06 Nov 1994 08:49:-1 GMT",
    ])
    func otherTexts_areNothing(_ text: String) {
        #expect(HTTPRetryAfter(text) == nil)
    }
}
