/// The instruments of all venues, each once, by their markets.
struct ListedMarkets {
    struct Market {
        let venue: String
        let name: String
        /// In rising byte order of their names.
        var instruments: [ListedInstrument]
    }

    private struct Key: Hashable {
        let venue: String
        let instrument: String
    }

    private var instruments: [Key: ListedInstrument] = [:]

    var count: Int { instruments.count }

    mutating func add(_ instrument: ListedInstrument) {
        let key = Key(venue: instrument.venue, instrument: instrument.instrument)
        if let other = instruments[key], !instrument.supersedes(other) { return }
        instruments[key] = instrument
    }

    /// In rising byte order of venue and name: the order of the lines leaves no trace.
    var markets: [Market] {
        let sorted = instruments.values.sorted { one, other in
            for (mine, theirs) in [(one.venue, other.venue), (one.market, other.market), (one.instrument, other.instrument)]
            where mine != theirs {
                return mine.utf8.lexicographicallyPrecedes(theirs.utf8)
            }
            return false
        }
        var markets: [Market] = []
        for instrument in sorted where !instrument.isOver {
            if let last = markets.last, last.venue == instrument.venue, last.name == instrument.market {
                markets[markets.count - 1].instruments.append(instrument)
            } else {
                markets.append(Market(venue: instrument.venue, name: instrument.market, instruments: [instrument]))
            }
        }
        return markets
    }
}
