import MarketModel
import TestSupport
import Testing

@testable import mkt_decide

/// What is proposed, of what, and what never.
struct MatcherTests {
    private func shifted(_ micros: Int64) -> Timestamp { MatchRun.closes.advanced(byMicros: micros) }

    // MARK: Relation

    @Test func theSameQuestion_linksItsYesSides() {
        #expect(MatchRun.link("Will Bitcoin hit $150k before 2027?", "Will BTC reach $150,000 by Dec 31, 2026?") == "T same w-Yes")
    }

    @Test func aNegatedQuestion_linksTheOtherSide() {
        #expect(MatchRun.link("Will Keir Starmer not resign before 2027?", "Will Keir Starmer resign before 2027?") == "T same w-No")
    }

    @Test func whereTheOtherSideIsNotListed_theRelationIsInverse() {
        let found = MatchRun.proposals(
            MatchRun.side("A", "Will Keir Starmer not resign before 2027?", venue: "west")
                + MatchRun.side("B", "Will Keir Starmer resign before 2027?"))
        #expect(found.map(\.relation) == [.inverse])
    }

    @Test func teams_areLinkedToTheirOwnSide() {
        let west = MatchRun.market("west", "w", "Chiefs vs. Ravens", ["Chiefs", "Ravens"], slug: "nfl-kc-bal-2026-09-27")
        let east = ["KC", "BAL"].flatMap { MatchRun.side("KXNFLGAME-26SEP27KCBAL-\($0)", "Kansas City at Baltimore Winner?") }
        let found = Set(MatchRun.proposals(west + east).map { "\($0.left.instrument) \($0.relation.rawValue) \($0.right.instrument)" })
        #expect(found == ["KXNFLGAME-26SEP27KCBAL-KC same w-Chiefs", "KXNFLGAME-26SEP27KCBAL-BAL same w-Ravens"])
    }

    @Test func whoIsMeantIsNotKnown_nothingIsProposed() {
        let west = MatchRun.market("west", "w", "Chiefs vs. Ravens", ["Chiefs", "Ravens"])
        #expect(MatchRun.proposals(west + MatchRun.side("G-1", "Kansas City at Baltimore Winner?")) == [])
    }

    @Test func twoThatCannotBeToldApart_areNotProposed() {
        let question = "Will Keir Starmer resign before 2027?"
        let west = MatchRun.market("west", "w", question)
        #expect(MatchRun.proposals(west + MatchRun.side("A", question)).count == 1)
        #expect(MatchRun.proposals(west + MatchRun.side("A", question) + MatchRun.side("B", question)) == [])
    }

    @Test func venues_areNotLinkedWithThemselves() {
        let question = "Will Keir Starmer resign before 2027?"
        #expect(MatchRun.proposals(MatchRun.side("A", question) + MatchRun.side("B", question)) == [])
    }

    // MARK: What speaks against a link

    @Test(arguments: [
        ("Will Bitcoin be above $100k on Dec 31, 2026?", "Will Bitcoin be above $110k on Dec 31, 2026?"),
        ("Will Bitcoin be above $100k on Dec 31, 2026?", "Will Bitcoin be below $100k on Dec 31, 2026?"),
        ("Will Bitcoin be above $100k on Dec 31, 2026?", "Will Bitcoin be above $100k by Dec 31, 2026?"),
        ("Will Bitcoin be above $100k on Dec 31, 2026?", "Will Bitcoin reach $100k on Dec 31, 2026?"),
        ("Will Bitcoin be above $100k on Dec 31, 2026?", "Will Bitcoin be above $100k on Dec 30, 2026?"),
        ("Will Bitcoin be above $100k on Dec 31, 2026?", "Will Bitcoin be above $100k on Dec 31, 2027?"),
        ("Will Bitcoin be above $100k on Dec 31, 2026?", "Will Ethereum be above $100k on Dec 31, 2026?"),
        ("Will Bitcoin be above $100k at 4pm?", "Will Bitcoin be above $100k at 5pm?"),
        ("Will inflation be above 3% in May 2027?", "Will inflation be above $3 in May 2027?"),
        ("Will Powell leave before Jan 1, 2027?", "Will Powell leave by Jan 1, 2027?"),
        ("Will Vance win the 2028 Republican primary?", "Will Vance win the 2028 election?"),
        ("Will Vance win the 2028 presidential election?", "Will Vance win the 2028 Senate election?"),
        ("Will Vance win the 2028 election?", "Will Rubio win the 2028 election?"),
        ("Will Republicans win Ohio in 2028?", "Will Democrats win Ohio in 2028?"),
        ("Will Boston win Game 3 against Miami?", "Will Boston win Game 4 against Miami?"),
        ("Will Boston beat Miami in 2027?", "Will Miami beat Boston in 2027?"),
        ("Will the Fed cut rates in March 2027?", "Will the Fed hike rates in March 2027?"),
        ("Will the Fed cut rates in March 2027?", "Will the Fed hold rates in March 2027?"),
        ("Will core CPI be above 3% in May 2027?", "Will CPI be above 3% in May 2027?"),
        ("Will the high temp in Boston be 70-71°?", "Will the low temp in Boston be 70-71°?"),
        ("Will Donald Trump win in 2028?", "Will Donald Trump Jr. win in 2028?"),
        ("Will OpenAI release GPT-7 in 2027?", "Will OpenAI release GPT-8 in 2027?"),
        ("Who will win the 2028 election?", "Will Vance win the 2028 election?"),
        ("Will GDP growth be above -0.5% in Q4 2026?", "Will GDP growth be above 0.5% in Q4 2026?"),
        ("Will GDP growth be -1% or lower in Q4 2026?", "Will GDP growth be 1% or lower in Q4 2026?"),
        ("Will it be above -5° in Oslo on Jan 9, 2027?", "Will it be above 5° in Oslo on Jan 9, 2027?"),
        ("Will it be -5 to -3° in Oslo on Jan 9, 2027?", "Will it be 3 to 5° in Oslo on Jan 9, 2027?"),
        ("Will Reform win no more than 3 seats in 2027?", "Will Reform win more than 3 seats in 2027?"),
        ("Will Reform win no fewer than 3 seats in 2027?", "Will Reform win fewer than 3 seats in 2027?"),
        ("Will oil be less than or equal to $60 in May 2027?", "Will oil be more than or equal to $60 in May 2027?"),
        ("Will the Fed cut 25 basis points in May 2027?", "Will the Fed cut 25 basis trades in May 2027?"),
    ])
    func aDifferenceThatCounts_isNeverProposed(_ left: String, _ right: String) {
        #expect(MatchRun.link(left, left) != nil || left.hasPrefix("Who"), "the question is not even like itself")
        #expect(MatchRun.link(left, right) == nil)
        #expect(MatchRun.link(right, left) == nil)
    }

    @Test(arguments: [
        ("Will GDP growth be above -0.5% in Q4 2026?", "Will GDP growth exceed -0.5% in Q4 2026?"),
        ("Will it be -5 to -3° in Oslo on Jan 9, 2027?", "Will it be between -5° and -3° in Oslo on Jan 9, 2027?"),
        ("Will Reform win no more than 3 seats in 2027?", "Will Reform win 3 or fewer seats in 2027?"),
        ("Will Reform win no fewer than 3 seats in 2027?", "Will Reform win at least 3 seats in 2027?"),
        ("Will oil be less than or equal to $60 in May 2027?", "Will oil be $60 or lower in May 2027?"),
    ])
    func theSameBound_inOtherWords_isTheSame(_ left: String, _ right: String) {
        #expect(MatchRun.link(left, right) == "T same w-Yes")
        #expect(MatchRun.link(right, left) == "T same w-Yes")
    }

    /// Who does what to whom: no list of verbs knows them all, so it is never said to be sure.
    @Test(arguments: [
        ("Will Russia invade Ukraine in 2027?", "Will Ukraine invade Russia in 2027?"),
        ("Will Google acquire Wiz in 2027?", "Will Wiz acquire Google in 2027?"),
        ("Will Trump endorse Vance in 2027?", "Will Vance endorse Trump in 2027?"),
        ("Will Bitcoin outperform Ethereum in 2027?", "Will Ethereum outperform Bitcoin in 2027?"),
        ("Will Arsenal finish above Chelsea in 2027?", "Will Chelsea finish above Arsenal in 2027?"),
        ("Will Bitcoin hit $100k before Ethereum hits $5k?", "Will Ethereum hit $5k before Bitcoin hits $100k?"),
    ])
    func namesInAnotherOrder_areForAPerson(_ left: String, _ right: String) {
        let west = MatchRun.market("west", "w", left)
        for proposal in MatchRun.proposals(west + MatchRun.side("T", right)) { #expect(proposal.confidence <= 850_000) }
        #expect(MatchRun.proposals(west + MatchRun.side("T", left)).map(\.confidence) == [1_000_000])
    }

    @Test(arguments: [Int64.max, Int64.min, -1, 253_402_300_800_000_000])
    func closesThatNoMarketHas_areLeftOut(_ closes: Int64) {
        for (left, right) in [
            ("Will Zembla join NATO by September 25?", "Will Zembla join NATO?"), ("Will Zembla join NATO?", "Will Zembla join NATO?"),
        ] {
            let far = Timestamp(micros: closes)
            #expect(MatchRun.link(left, right, closes: (far, far)) == nil)
        }
    }

    /// The strike is all that differs: numbers of every size and spelling, with a seed.
    @Test func differentStrikes_areNeverProposed_theSameAlwaysAre() {
        var random = SeededGenerator(seed: 11)
        let frames = [
            "Will Bitcoin be above # on Dec 31, 2026?", "Will Bitcoin reach # by Dec 31, 2026?", "Will Bitcoin dip to # in 2026?",
            "Bitcoin # or above on Dec 31, 2026?", "Will Bitcoin be under # on Dec 31, 2026?",
        ]
        for _ in 0..<400 {
            let frame = random.pick(frames)
            let strike = Int64(random.below(999) + 1) * random.pick([100, 1000, 10_000, 1_000_000])
            let other = random.chance(2) ? strike + Int64(random.below(9) + 1) * random.pick([1, 10, 100]) : strike * 10
            let question = frame.replacing("#", with: spelled(strike, &random))
            #expect(MatchRun.link(question, frame.replacing("#", with: spelled(strike, &random))) != nil, "\(question)")
            let wrong = frame.replacing("#", with: spelled(other, &random))
            #expect(MatchRun.link(question, wrong) == nil, "\(question) \(wrong)")
        }
    }

    private func spelled(_ value: Int64, _ random: inout SeededGenerator) -> String {
        let scales: [(Int64, String)] = [(1000, "k"), (1000, " thousand"), (1_000_000, "M"), (1_000_000, " million")]
        let (scale, suffix) = random.pick(scales)
        let decimals = scale == 1000 ? 3 : 6
        switch random.below(3) {
        case 0: return "$\(value)"
        case 1:
            var digits = String(value)
            var groups: [String] = []
            while digits.count > 3 {
                groups.insert(String(digits.suffix(3)), at: 0)
                digits = String(digits.dropLast(3))
            }
            return "$" + ([digits] + groups).joined(separator: ",")
        default: return "$" + ExactText.decimal(Int128(value), decimals: decimals) + suffix
        }
    }

    // MARK: Close times

    @Test func closeTimes_mustBeWithinWhatTheQuestionsLeaveOpen() {
        let hour: Int64 = 3_600_000_000
        let cases: [(question: String, hours: Int64, isProposed: Bool)] = [
            ("Will Keir Starmer resign?", 36, true), ("Will Keir Starmer resign?", 37, false),
            ("Will Keir Starmer resign on Sep 25, 2026?", 16 * 24, true), ("Will Keir Starmer resign on Sep 25, 2026?", 16 * 24 + 1, false),
            ("Will Keir Starmer resign in September 2026?", 46 * 24, true),
            ("Will Keir Starmer resign in September 2026?", 46 * 24 + 1, false),
            ("Will Keir Starmer resign at 4pm?", 0, true), ("Will Keir Starmer resign at 4pm?", 1, false),
        ]
        for each in cases {
            let found = MatchRun.link(each.question, each.question, closes: (MatchRun.closes, shifted(each.hours * hour)))
            #expect((found != nil) == each.isProposed, "\(each)")
        }
    }

    @Test func anUnknownClose_makesItLessSure() {
        let question = "Will Keir Starmer resign?"
        let known = MatchRun.proposals(MatchRun.market("west", "w", question) + MatchRun.side("T", question))
        let unknown = MatchRun.proposals(MatchRun.market("west", "w", question, closes: nil) + MatchRun.side("T", question))
        #expect((known.first?.confidence ?? 0) > (unknown.first?.confidence ?? .max))
        let far = (Timestamp(micros: .min), Timestamp(micros: .max))
        #expect(MatchRun.link(question, question, closes: far) == nil)
    }

    // MARK: Order, and hostile text

    @Test func theOrderOfTheLines_leavesNoTrace() {
        var random = SeededGenerator(seed: 5)
        var instruments: [ListedInstrument] = []
        for strike in 80..<100 {
            instruments += MatchRun.market("west", "w\(strike)", "Will Bitcoin be above $\(strike),000 on September 25?")
            instruments += MatchRun.side("K-26SEP25-T\(strike - 1)999.99", "Bitcoin price on Sep 25, 2026?")
            instruments += MatchRun.side("N\(strike)", "Will BTC be above \(strike)k on Sep 25?", venue: "north")
        }
        // Told twice: the later one counts, whichever comes first.
        instruments.append(
            ListedInstrument(
                venue: "west", market: "w80", instrument: "w80-Yes", question: "Will it rain?", complement: "w80-No",
                received: Timestamp(micros: -1)))
        let wanted = MatchRun.proposals(instruments).map(\.line)
        #expect(wanted.count == 60)
        for _ in 0..<20 {
            instruments.shuffle(using: &random)
            #expect(MatchRun.proposals(instruments).map(\.line) == wanted)
        }
    }

    @Test func hostileText_endsInALineThatIsSafe() throws {
        let nasty = "Will \u{1F680}\u{202E}Starmer\u{0} \"resign\", =HYPERLINK(1)\n\r;\t@SUM before 2027?"
        let found = MatchRun.proposals(MatchRun.market("west", "w", nasty) + MatchRun.side("T", nasty))
        let line = try #require(found.first?.line)
        #expect(!line.unicodeScalars.contains { $0.value < 32 || $0 == "\u{202E}" })
        #expect(line.split(separator: ",")[7].hasPrefix("\"left: "))
        let links = try LinkFile.parse(Proposal.header + "\n" + line + "\n", path: "l.csv")
        #expect((links.pendingCount, links.approved.count) == (1, 0))
    }

    @Test func namesThatNoLineCanHold_andEndlessQuestions_areLeftOut() {
        let question = "Will Keir Starmer resign?"
        for name in ["=1", "+1", "-1", "@x", "a\nb", " a", "a ", "\u{202E}a", "", "a\u{0}"] {
            let instrument = ListedInstrument(venue: "west", market: "w", instrument: name, question: question)
            #expect(!instrument.isNameable, "\(name)")
        }
        let endless = String(repeating: question, count: 1 << 16)
        #expect(MatchRun.proposals(MatchRun.market("west", "w", endless) + MatchRun.side("T", endless)) == [])
        for odd in [
            "", "?", "\u{1F680}\u{1F680}", "- - -", "5", "$", "by", "before", "100k-", "vs", "a.b.c.", "'s", "&", "Q", "2026-", "12:",
        ] {
            _ = MatchRun.proposals(MatchRun.market("west", "w", odd, [odd, "x"]) + MatchRun.side("T", odd))
        }
    }

    @Test func randomText_neverStopsTheReader() {
        var random = SeededGenerator(seed: 23)
        let pieces = [
            "Will", "by", "Dec", "31", ",", "2026", "-", "$", "%", "°", "or", "above", "between", "and", "99999999999", "1.5", "M", "k",
            "vs", "at", "basis", "points", "no", "more", "than", "equal", "25",
            "Winner", "?", "Chiefs", "New", "York", "G", "not", "'", "’s", ".", "J.D.", "é", "\u{301}", "🚀", ":", "pm", "3", "+", "<", "=",
            "the end of",
        ]
        for _ in 0..<3000 {
            let question = (0..<random.below(14)).map { _ in random.pick(pieces) + (random.chance(3) ? "" : " ") }.joined()
            let found = MatchRun.proposals(MatchRun.market("west", "w", question) + MatchRun.side("T", question))
            #expect(found.count <= 1)
        }
    }

    @Test func theBestFew_areKept_ofThoseThatAreSureEnough() {
        let west = MatchRun.market("west", "w", "Will Macron leave office before 2027?")
        let east =
            MatchRun.side("A", "Will Macron leave office before 2027?")
            + MatchRun.side("B", "Will Emmanuel Macron leave office before 2027?")
        var settings = MatchSettings()
        #expect(MatchRun.proposals(west + east, settings).map(\.left.instrument) == ["A"])
        settings.top = 2
        #expect(MatchRun.proposals(west + east, settings).map(\.left.instrument) == ["A", "B"])
        settings.least = 990_000
        #expect(MatchRun.proposals(west + east, settings).map(\.left.instrument) == ["A"])
    }
}
