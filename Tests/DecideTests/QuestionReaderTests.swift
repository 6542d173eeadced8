import Testing

@testable import mkt_decide

/// Numbers, dates and words of questions, in the ways that people write them.
struct QuestionReaderTests {
    /// Quantities as `bound low-high`, in millionths but for whole ones.
    private func numbers(_ question: String) -> [String] {
        var text = QuestionText(question)
        _ = DateReader(&text)
        return NumberReader(&text).quantities.map { quantity in
            let settled = quantity.settled
            let values = Set([settled.low, settled.high]).sorted().map { ExactText.millionths($0) }.joined(separator: "-")
            return "\(settled.bound) \(values)\(settled.label.isEmpty ? "" : " \(settled.label)")"
        }
    }

    private func dates(_ question: String) -> [String] {
        var text = QuestionText(question)
        let reader = DateReader(&text)
        return reader.mentions.map { mention in
            let date = mention.date
            let parts = [date.year, date.quarter, date.month, date.day].map { $0.map(String.init) ?? "_" }
            return "\(mention.timing) \(parts.joined(separator: "/"))\(mention.isBefore ? " before" : "")\(mention.isVague ? " vague" : "")"
        }
    }

    private func words(_ question: String) -> [String] {
        var text = QuestionText(question)
        _ = DateReader(&text)
        _ = NumberReader(&text)
        return WordReader(text, league: nil).words.map(\.text).sorted()
    }

    @Test func oneNumber_hasOneValue_howeverItIsWritten() {
        for text in ["$100k", "$100,000", "100000", "100 thousand", "0.1M", "100K"] {
            #expect(numbers("Will it be above \(text) then?") == ["above 100000"], "\(text)")
        }
        for text in ["2.5M", "2,500,000", "2.5 million", "2500k"] {
            #expect(numbers("more than \(text) people") == ["above 2500000"], "\(text)")
        }
        #expect(numbers("cut by 25 bps") == ["exact 0.25"])
        #expect(numbers("cut by 25 basis points") == ["exact 0.25"])
        #expect(numbers("cut by 0.25%") == ["exact 0.25"])
        #expect(numbers("will three cuts come") == ["exact 3"])
        #expect(numbers("will twenty-five cuts come") == ["exact 25"])
        #expect(numbers("the 99th awards") == ["exact 99 th"])
        #expect(numbers("win the first round") == ["exact 1 th"])
        #expect(numbers("win Game 3") == ["exact 3 game"])
    }

    @Test func bounds_areRead_beforeAndBehind() {
        #expect(numbers("$84,000 or above") == ["above 84000"])
        #expect(numbers("above $83,999.99") == ["above 84000"])
        #expect(numbers("below $84,000") == ["below 84000"])
        #expect(numbers("be 74-75°") == ["between 74-75"])
        #expect(numbers("between $82,000 and $83,999.99") == ["between 82000-84000"])
        #expect(numbers("be >79° today") == ["above 79.5"])
        #expect(numbers("be 80°F or higher") == ["above 79.5"])
        #expect(numbers("be <66°") == ["below 65.5"])
        #expect(numbers("be 65°F or below") == ["below 65.5"])
        #expect(numbers("3 or more goals") == ["above 2.5"])
        #expect(numbers("over 2.5 goals") == ["above 2.5"])
        #expect(numbers("at least 20 storms") == ["above 19.5"])
        #expect(numbers("50+ bps") == ["above 0.5"])
        #expect(numbers("reach $150k") == ["above 150000"])
        #expect(numbers("dip to $60,000") == ["below 60000"])
    }

    @Test func wordsWithDigits_areNoNumbers_andHugeOnesNoValues() {
        #expect(numbers("GPT-6 or the U-3 rate of the 49ers in F1") == [])
        #expect(numbers("above 99999999999999999999999") == [])
        #expect(numbers("above 1.1234567") == [])
    }

    @Test func dates_inAllForms() {
        for text in [
            "on September 25, 2026", "on Sep 25, 2026", "on Sept. 25 2026", "on 25 September 2026", "on 2026-09-25", "on Sep 25th, 2026",
        ] {
            #expect(dates("Will it rain \(text)?") == ["moment 2026/_/9/25"], "\(text)")
        }
        #expect(dates("by December 31?") == ["deadline _/_/12/31"])
        #expect(dates("before Jan 1, 2027?") == ["deadline 2027/_/1/1 before"])
        #expect(dates("before 2027?") == ["deadline 2027/_/_/_ before"])
        #expect(dates("by the end of 2026?") == ["deadline 2026/_/_/_"])
        #expect(dates("by 2027?") == ["deadline 2027/_/_/_ vague"])
        #expect(dates("in September 2026?") == ["period 2026/_/9/_"])
        #expect(dates("at the end of September?") == ["moment _/_/9/_"])
        #expect(dates("in Q3 2026") == ["period 2026/3/_/_"])
        #expect(dates("the 2026-27 season") == ["bare 2027/_/_/_"])
        #expect(
            dates("after the 2026 elections in 2026") == ["bare 2026/_/_/_"]
                || dates("after the 2026 elections in 2026") == ["period 2026/_/_/_"])
        #expect(dates("above 2,000 points, above 2000 points, $2026") == [])
    }

    @Test func timesOfDay_andStretches() {
        var text = QuestionText("Up or Down - September 25, 3:45PM-4:00PM ET")
        let reader = DateReader(&text)
        #expect(reader.minutes == [960])
        #expect(reader.stretch == 15)
        var other = QuestionText("at 12am or noon")
        #expect(DateReader(&other).minutes == [0, 720])
    }

    @Test func words_areFolded() {
        #expect(words("Beyoncé, NICOLÁS Łukasz’s Straße") == ["beyonce", "lukasz", "nicola", "strasse"])
        #expect(words("ＦＵＬＬ ﬁ \u{200B}x\u{301}y") == words("full fi xy") || words("ＦＵＬＬ") == ["full"])
        #expect(words("Will J.D. Vance win the U.S. presidency?") == ["jd", "president", "us", "vance", "win"])
        #expect(words("Will the **high temp in NYC** be") == ["hightemp", "newyork"])
        #expect(words("Los Angeles Dodgers") == ["losangeles", "losangeles-d"])
        #expect(words("Los Angeles D") == ["losangeles", "losangeles-d"])
        #expect(words("Chiefs vs. Red Sox") == ["boston", "kansascity"])
    }

    @Test func negation_isReadInAllItsForms() {
        for text in ["won't resign", "will not resign", "will never resign", "fail to resign", "doesn’t resign"] {
            #expect(WordReader(QuestionText("He \(text)"), league: nil).isNegated, "\(text)")
        }
        #expect(!WordReader(QuestionText("He won't not resign"), league: nil).isNegated)
        #expect(!WordReader(QuestionText("No change in Fed rates"), league: nil).isNegated)
    }

    @Test func tickers_tellDatesStrikesAndWhoIsMeant() {
        let game = IdentifierEvidence(instrument: "KXNFLGAME-26SEP27KCBAL-KC", event: nil, slug: nil)
        #expect(game.date == CivilDate(year: 2026, month: 9, day: 27))
        #expect((game.suffix, game.league) == ("kc", "nfl"))
        let strike = IdentifierEvidence(instrument: "KXBTCD-26SEP2512-T83999.99", event: nil, slug: nil)
        #expect(strike.strike == 83_999_990_000)
        #expect(IdentifierEvidence(instrument: "123", event: nil, slug: "nfl-kc-bal-2026-09-27").date == game.date)
        #expect(IdentifierEvidence(instrument: "KXCPI-26SEP-T0.3", event: nil, slug: nil).date == CivilDate(year: 2026, month: 9))
        #expect(IdentifierEvidence(instrument: "KXINFLATION-27", event: nil, slug: nil).league == nil)
    }
}
