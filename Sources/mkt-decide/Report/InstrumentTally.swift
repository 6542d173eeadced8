import JSON
import MarketModel

/// What the lines about one instrument add up to, over all rules.
struct InstrumentTally {
    let venue: String
    let instrument: String
    /// The latest one told.
    var label: String?
    var fills: Int64 = 0
    var shares: Int128 = 0
}

/// Every instrument that was traded on paper, and what each rule last held of it.
///
/// Beyond `instrumentsMax` and `holdingsMax` nothing new is kept, and what is left out is counted.
struct InstrumentLedger: ~Copyable {
    private struct Key: Hashable {
        let rule: Int
        let instrument: Int
    }

    static let instrumentsMax = 20_000
    static let holdingsMax = 200_000

    private var names = NameTable()
    private(set) var instruments: [InstrumentTally] = []
    private var holdings: [Key: Holding] = [:]
    /// Lines about instruments beyond the bound.
    private(set) var linesLeftOut: Int64 = 0

    init() {}

    /// The number of the line's instrument; nil beyond the bound.
    private mutating func number(_ decoder: borrowing EventDecoder) -> Int? {
        guard let venue = try? decoder.requireText(.venue), let instrument = try? decoder.requireText(.instrument) else { return nil }
        let name = NameTable.Name(first: venue, second: instrument)
        let known = names.find(name)
        guard let number = known ?? (names.count < InstrumentLedger.instrumentsMax ? names.number(of: name) : nil) else { return nil }
        if number == instruments.count {
            instruments.append(InstrumentTally(venue: CutText.make(venue), instrument: CutText.make(instrument)))
        }
        if let label = try? decoder.text(.label) { tell(label, of: number) }
        return number
    }

    private mutating func tell(_ label: JSONText, of number: Int) {
        if let known = instruments[number].label, !label.hasEscapes, known.utf8.elementsEqual(label.bytes) { return }
        instruments[number].label = CutText.make(label)
    }

    mutating func take(_ fill: ReportLine.Fill, _ decoder: borrowing EventDecoder) {
        guard let number = number(decoder) else { return linesLeftOut += 1 }
        instruments[number].fills += 1
        instruments[number].shares += fill.size
    }

    mutating func take(_ holding: Holding, ofRule rule: Int, _ decoder: borrowing EventDecoder) {
        guard let number = number(decoder) else { return linesLeftOut += 1 }
        let key = Key(rule: rule, instrument: number)
        guard holdings.count < InstrumentLedger.holdingsMax || holdings[key] != nil else { return linesLeftOut += 1 }
        holdings[key] = holding
    }

    /// What all rules together hold of each instrument, by its number; nil where no line told a position.
    func totals() -> [Holding?] {
        var totals = [Holding?](repeating: nil, count: instruments.count)
        for (key, holding) in holdings { totals[key.instrument] = (totals[key.instrument] ?? Holding()) + holding }
        return totals
    }
}
