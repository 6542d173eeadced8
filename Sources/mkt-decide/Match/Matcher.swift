import MarketModel

/// Finds the questions that two venues share.
///
/// Two statements are proposed where each is among the best of the other; where several answers of one venue fit equally well, nothing
/// tells which is meant, and none is proposed.
struct Matcher {
    private struct Candidate {
        let other: Int
        let confidence: Int64
    }

    private let settings: MatchSettings
    private let markets: [ListedMarkets.Market]
    private let statements: [Statement]
    /// By statement, the surest first.
    private var best: [[Candidate]] = []
    private(set) var ambiguousCount = 0
    private(set) var uncomparedCount = 0

    var questionCount: Int { markets.count }

    init(_ markets: [ListedMarkets.Market], _ settings: MatchSettings) {
        self.settings = settings
        self.markets = markets
        statements = markets.enumerated().flatMap { StatementReader.statements($1, number: $0) }
        judge()
    }

    private mutating func judge() {
        let judge = PairJudge(statements)
        var index = CandidateIndex(statements)
        best = Array(repeating: [], count: statements.count)
        for number in statements.indices {
            for other in index.candidates(of: number) {
                // The same from both sides, to the last digit.
                let confidence = judge.confidence(min(number, other), max(number, other))
                guard let confidence, confidence >= settings.least else { continue }
                best[number].append(Candidate(other: other, confidence: confidence))
            }
            best[number].sort { $0.confidence != $1.confidence ? $0.confidence > $1.confidence : $0.other < $1.other }
        }
        uncomparedCount = index.uncomparedCount
    }

    /// In their order (`Proposal.precedes`), one for each pair of markets.
    mutating func proposals() -> [Proposal] {
        var found: [Pair: Proposal] = [:]
        for number in statements.indices {
            for candidate in kept(number) where number < candidate.other {
                guard kept(candidate.other).contains(where: { $0.other == number }),
                    let proposal = proposal(number, candidate.other, candidate.confidence)
                else { continue }
                let pair = Pair(first: statements[number].market, second: statements[candidate.other].market)
                if let other = found[pair], Proposal.precedes(other, proposal) { continue }
                found[pair] = proposal
            }
        }
        ambiguousCount = statements.indices.count { isAmbiguous($0) }
        return found.values.sorted(by: Proposal.precedes)
    }

    private struct Pair: Hashable {
        let first: Int
        let second: Int
    }

    /// The best few of each venue, without those that cannot be told apart.
    private func kept(_ number: Int) -> [Candidate] {
        guard !isAmbiguous(number) else { return [] }
        var counts: [String: Int] = [:]
        return best[number].filter { candidate in
            let venue = statements[candidate.other].venue
            counts[venue, default: 0] += 1
            return counts[venue, default: 0] <= settings.top
        }
    }

    /// Whether two markets of one venue fit best, and equally well.
    private func isAmbiguous(_ number: Int) -> Bool {
        var first: [String: Candidate] = [:]
        for candidate in best[number] {
            let venue = statements[candidate.other].venue
            guard let top = first[venue] else {
                first[venue] = candidate
                continue
            }
            if top.confidence == candidate.confidence, statements[top.other].market != statements[candidate.other].market { return true }
        }
        return false
    }

    // MARK: The link

    private func proposal(_ number: Int, _ other: Int, _ confidence: Int64) -> Proposal? {
        let sides = [statements[number], statements[other]].sorted { $0.venue.utf8.lexicographicallyPrecedes($1.venue.utf8) }
        let (left, right) = (sides[0], sides[1])
        let choices: [(Statement.Answer?, Statement.Answer?, Link.Relation)] = [
            (left.whenTrue, right.whenTrue, .same), (left.whenFalse, right.whenFalse, .same), (left.whenTrue, right.whenFalse, .inverse),
            (left.whenFalse, right.whenTrue, .inverse),
        ]
        for case (let mine?, let theirs?, let relation) in choices {
            let note = "left: \(shown(left, mine)) | right: \(shown(right, theirs))"
            return Proposal(
                left: Link.End(venue: left.venue, instrument: mine.instrument),
                right: Link.End(venue: right.venue, instrument: theirs.instrument), relation: relation, confidence: confidence, note: note)
        }
        return nil
    }

    private func shown(_ statement: Statement, _ answer: Statement.Answer) -> String {
        let question =
            markets[statement.market].instruments.first { $0.instrument == answer.instrument }?.question
            ?? markets[statement.market].instruments.first?.question ?? ""
        let time = statement.question.closes.map(CivilTime.init)
        let closes = time.map { "closes \($0.date) \($0.hourMinute) UTC" } ?? "no close known"
        let event = markets[statement.market].name == answer.instrument ? "" : " of \(CSVField.shown(markets[statement.market].name))"
        return "\(CSVField.shown(answer.outcome ?? "the other outcome")) of \(CSVField.shown(question)) (\(closes)\(event))"
    }
}
