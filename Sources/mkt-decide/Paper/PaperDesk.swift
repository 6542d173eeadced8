import MarketModel
import UnixTool

/// Fills decisions against the books on paper and keeps an account for each rule. Nothing is ever sent anywhere.
struct PaperDesk {
    /// How often accounts are told that hold something, by the stream's time.
    static let markMicros: Int64 = 60_000_000

    let latencyMicros: Int64
    private let ruleNames: [String]
    /// By rule.
    private var accounts: [PaperAccount]
    /// By number of an instrument: the rules that have taken what may still rest in its book.
    private var takers: [Int: Set<Int>] = [:]
    private var journal = PaperJournal()
    /// What was told last of an account, by rule.
    private var told: [PaperLines.Account?]
    /// By rule: when its account is to be told again; nil while it holds nothing.
    private var markDue: [Timestamp?]
    /// The earliest of these; at the end of time where there is none.
    private(set) var nextMark = Timestamp(micros: .max)

    init(_ rules: RuleSet, latencyMicros: Int64) {
        self.latencyMicros = latencyMicros
        ruleNames = rules.rules.map(\.name)
        accounts = rules.rules.map { _ in PaperAccount() }
        told = rules.rules.map { _ in nil }
        markDue = rules.rules.map { _ in nil }
    }

    var fills: Int64 { accounts.reduce(0) { $0 + $1.fills } }

    // MARK: Orders

    /// Fills an order as far as the books allow, leg by leg, and tells what came of it.
    mutating func fill(_ order: PaperOrder, in router: borrowing Router, at now: Timestamp, _ writer: inout LineWriter) throws {
        var assets: [PaperAsset] = []
        for (place, leg) in order.legs.enumerated() {
            let trade = leg.trade
            let isFilled = try fill(order, place, trade, in: router, at: now, &writer)
            guard isFilled, !assets.contains(trade.asset) else { continue }
            assets.append(trade.asset.labelled(in: router))
        }
        guard !assets.isEmpty else { return }
        for asset in assets {
            // A share of what is settled already pays at once.
            if let worth = PaperMark.worth(of: asset, in: router) { _ = accounts[order.rule].settle(asset, at: worth.millionths) }
            try tell(asset, of: order.rule, at: now, &writer)
        }
        try tellAccount(of: order.rule, in: router, at: now, &writer)
        setMark(of: order.rule, behind: now)
    }

    /// One leg; whether anything was filled.
    private mutating func fill(
        _ order: PaperOrder, _ place: Int, _ trade: PaperTrade, in router: borrowing Router, at now: Timestamp, _ writer: inout LineWriter
    ) throws -> Bool {
        let leg = order.legs[place]
        var told = PaperLines.Order(
            decisionID: order.decisionID, rule: ruleNames[order.rule], asset: trade.asset.labelled(in: router), isBuying: trade.isBuying,
            price: trade.price(leg.limit), size: order.size)
        var prints: [PaperLines.Fill] = []
        switch PaperMarket.find(leg, in: router) {
        case .failure(let refusal): told.reason = refusal.rawValue
        case .success(let market):
            var fees = FeeSum()
            var charged: Int64 = 0
            for level in market.levels {
                let price = market.price(of: level)
                guard told.filled < order.size, market.isWithin(leg.limit, price) else { break }
                let spot = PaperAccount.Place(isAsk: leg.stake == .buy, price: level.price.millionths)
                let size = min(order.size - told.filled, accounts[order.rule].available(level, at: spot, of: leg.instrument))
                guard size > 0 else { continue }
                fees.add(size: size, perShare: market.fee.perShare(at: price))
                // Rounded once a leg: what a print is charged is what it adds.
                guard let due = market.rounding.millionths(of: fees),
                    accounts[order.rule].trade(
                        trade.asset, trade.isBuying ? size : -size, at: trade.price(price), fee: due - charged)
                else {
                    told.reason = PaperMarket.Refusal.tooLarge.rawValue
                    break
                }
                accounts[order.rule].take(size, of: level, at: spot, of: leg.instrument)
                takers[leg.instrument, default: []].insert(order.rule)
                told.filled += size
                prints.append(
                    PaperLines.Fill(number: prints.count, price: trade.price(price), size: size, fee: due - charged))
                charged = due
            }
            if told.filled < order.size, told.reason == nil { told.reason = PaperMarket.Refusal.depth.rawValue }
        }
        try PaperLines.write(told, at: now, &writer)
        for print in prints { try PaperLines.write(print, of: told, place: place, at: now, &writer) }
        return told.filled > 0
    }

    /// An order that was still under way when the stream ended.
    func drop(_ order: PaperOrder, in router: borrowing Router, at now: Timestamp, _ writer: inout LineWriter) throws {
        for leg in order.legs {
            let trade = leg.trade
            let told = PaperLines.Order(
                decisionID: order.decisionID, rule: ruleNames[order.rule], asset: trade.asset.labelled(in: router),
                isBuying: trade.isBuying, price: trade.price(leg.limit), size: order.size, reason: "the stream ended")
            try PaperLines.write(told, at: now, &writer)
        }
    }

    /// Something is told of an instrument: its book, what it is, or what it pays.
    mutating func note(_ instrument: Int) {
        // While nobody holds anything there is nothing to be worth another thing.
        if nextMark.micros < .max { journal.note(instrument) }
    }

    /// Books of many instruments may be known no more, or an instrument has another complement.
    mutating func noteAll() { journal.noteAll() }

    /// Looks at a book at one of its lines, where it is the one of its instrument that counts.
    mutating func look(ofBook number: Int, in router: borrowing Router) {
        let instrument = router.books[number].instrument
        guard !takers.isEmpty, let rules = takers[instrument], router.currentBook(of: instrument) == number else { return }
        for rule in rules { accounts[rule].look(at: router.books[number].book, of: instrument) }
        let left = rules.filter { accounts[$0].hasTaken(of: instrument) }
        takers[instrument] = left.isEmpty ? nil : left
    }

    // MARK: Settlements and marks

    /// Ends what rules hold of an instrument, and of its complement, at what they pay.
    mutating func settle(
        _ instrument: Int, at price: Price, in router: borrowing Router, _ now: Timestamp, _ writer: inout LineWriter
    ) throws {
        let own = PaperAsset(router.instruments[instrument])
        var ends = [(own, price)]
        if let other = PaperMark.complement(of: own, in: router) { ends.append((other, price.complement)) }
        for rule in accounts.indices {
            var hasSettled = false
            for (asset, worth) in ends where accounts[rule].settle(asset, at: worth.millionths) {
                hasSettled = true
                try tell(asset, of: rule, at: now, &writer)
            }
            guard hasSettled else { continue }
            try tellAccount(of: rule, in: router, at: now, &writer)
            setMark(of: rule, behind: now)
        }
    }

    /// Tells the accounts whose minute has come by `limit`, in the order of time and of rules, if they stand otherwise than was told last.
    ///
    /// Nothing has changed since the last line or order, so of several minutes only the first has anything to tell.
    mutating func mark(by limit: Timestamp, in router: borrowing Router, _ writer: inout LineWriter) throws {
        let due = markDue.enumerated().compactMap { rule, due in due.flatMap { $0 <= limit ? (due: $0, rule: rule) : nil } }
        for (due, rule) in due.sorted(by: { $0 < $1 }) {
            try tellAccount(of: rule, in: router, at: due, isAsked: false, &writer)
            let minutes = limit.micros(since: due) / PaperDesk.markMicros + 1
            let (micros, overflow) = minutes.multipliedReportingOverflow(by: PaperDesk.markMicros)
            markDue[rule] = due.advanced(byMicros: overflow ? .max : micros)
        }
        findNextMark()
    }

    /// Begins the minutes anew where time has run back so far that they would be long in coming.
    mutating func restartMarks(at now: Timestamp) {
        let farthest = now.advanced(byMicros: 2 * PaperDesk.markMicros)
        for rule in markDue.indices where markDue[rule].map({ $0 > farthest }) ?? false {
            markDue[rule] = now.advanced(byMicros: PaperDesk.markMicros)
        }
        findNextMark()
    }

    /// Begins or ends the minutes of an account with what it holds.
    private mutating func setMark(of rule: Int, behind now: Timestamp) {
        if accounts[rule].open.isEmpty {
            markDue[rule] = nil
        } else if markDue[rule] == nil {
            markDue[rule] = now.advanced(byMicros: PaperDesk.markMicros)
        }
        findNextMark()
    }

    private mutating func findNextMark() {
        nextMark = markDue.reduce(Timestamp(micros: .max)) { min($0, $1 ?? Timestamp(micros: .max)) }
    }

    private func tell(_ asset: PaperAsset, of rule: Int, at now: Timestamp, _ writer: inout LineWriter) throws {
        guard let position = accounts[rule].positions[asset] else { return }
        try PaperLines.write(position, of: asset, rule: ruleNames[rule], at: now, &writer)
    }

    private mutating func tellAccount(
        of rule: Int, in router: borrowing Router, at now: Timestamp, isAsked: Bool = true, _ writer: inout LineWriter
    ) throws {
        accounts[rule].revalue(journal, in: router)
        let account = try PaperLines.Account(accounts[rule])
        guard isAsked || account != told[rule] else { return }
        told[rule] = account
        try PaperLines.write(account, rule: ruleNames[rule], at: now, &writer)
    }
}
