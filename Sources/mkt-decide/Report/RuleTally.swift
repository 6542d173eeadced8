import MarketModel

/// What the lines of one rule add up to; dollars, shares and edges in millionths, sums exact.
struct RuleTally {
    let name: String
    var decisions: Int64 = 0
    var trades: Int64 = 0
    /// Legs that were tried, how many shares they asked for, and how many of those they got.
    var orders: Int64 = 0
    var asked: Int128 = 0
    var filled: Int128 = 0
    var fills: Int64 = 0
    var shares: Int128 = 0
    var fillFees: Int128 = 0
    /// What its trades promised; nil while none has told a profit.
    var promised: Int128?
    var edgeSum: Int128 = 0
    var edgeCount: Int64 = 0
    var edgeBest: Int128?
    /// The earliest and the latest decision.
    var first: Timestamp?
    var last: Timestamp?
    /// As of its last account line; nil where there was none.
    var balance: Balance?
    var drawdown = Drawdown()
    var edges = TimeBuckets<Extent>()
    var pnls = TimeBuckets<Extent>()
    var drawdowns = TimeBuckets<Extent>()

    init(name: String) { self.name = name }

    /// Rounded down to a millionth; nil where no decision told an edge.
    var edgeMean: Int128? { edgeCount == 0 ? nil : RuleTally.floor(edgeSum, Int128(edgeCount)) }

    /// The fees of the account, or where there is none those of the fills; nil where there is neither.
    var fees: Int128? { balance?.fees ?? (fills > 0 ? fillFees : nil) }

    var pnl: Int128? { balance?.pnl }

    private static func floor(_ sum: Int128, _ count: Int128) -> Int128 {
        let (quotient, remainder) = sum.quotientAndRemainder(dividingBy: count)
        return remainder < 0 ? quotient - 1 : quotient
    }

    mutating func take(_ decision: ReportLine.Decision, at time: Timestamp, in grid: TimeGrid) {
        decisions += 1
        if decision.isTrade {
            trades += 1
            if let profit = decision.profit { promised = (promised ?? 0) + profit }
        }
        if let edge = decision.edge {
            edgeSum += edge
            edgeCount += 1
            edgeBest = max(edgeBest ?? edge, edge)
            edges.add(Extent(edge), at: time.micros, in: grid)
        }
        first = min(first ?? time, time)
        last = max(last ?? time, time)
    }

    mutating func take(_ balance: Balance, at time: Timestamp, in grid: TimeGrid) {
        self.balance = balance
        guard let pnl else { return }
        drawdown.take(pnl)
        pnls.add(Extent(pnl), at: time.micros, in: grid)
        drawdowns.add(Extent(drawdown.now), at: time.micros, in: grid)
    }
}
