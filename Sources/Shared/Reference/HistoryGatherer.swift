import MarketModel
import UnixTool

/// Adds up the rows of a history as they pass; keeps sums, never rows.
///
/// That needs each instrument's rows in one piece, newest first, and anything else is a fault.
struct HistoryGatherer {
    private let windows: [Int64]
    private(set) var statistics: [HistoryStatistics] = []
    /// The names that have had their piece, as bytes: Swift takes differently spelled accents for the same text.
    private var seen: Set<[UInt8]> = []
    /// The name of the piece that is passing; its windows are the last ones of `statistics`.
    private var current: [UInt8] = []
    private var lastMicros: Int64 = 0

    init(windows: [Int64]) { self.windows = windows }

    mutating func take(_ row: ReferenceRow) throws(ToolFailure) {
        let venue = try row.name(at: 0)
        let instrument = try row.name(at: 1)
        let atMicros = try row.integer(2)
        let price = try row.decimal(3)
        guard Price(millionths: price).isProbability else {
            throw row.failure("price of \(venue) \(instrument) is not from 0 to 1; correct it, or leave such rows out of the query")
        }
        let name = Array(venue.utf8) + [0] + Array(instrument.utf8)
        if name != current {
            guard seen.insert(name).inserted else { throw order(row) }
            current = name
            statistics += windows.map {
                HistoryStatistics(
                    venue: venue, instrument: instrument, windowMicros: $0, count: 0, sum: 0, squareSum: 0, oldestMicros: atMicros,
                    newestMicros: atMicros)
            }
        } else if atMicros > lastMicros {
            throw order(row)
        }
        lastMicros = atMicros
        add(Int128(price), atMicros)
    }

    private mutating func add(_ price: Int128, _ atMicros: Int64) {
        for index in (statistics.count - windows.count)..<statistics.count {
            guard Int128(statistics[index].newestMicros) - Int128(atMicros) < Int128(statistics[index].windowMicros) else { continue }
            statistics[index].count += 1
            statistics[index].sum += price
            statistics[index].squareSum += price * price
            statistics[index].oldestMicros = atMicros
        }
    }

    private func order(_ row: ReferenceRow) -> ToolFailure {
        row.failure("the rows are not in order; end the query with ORDER BY venue, instrument, at_us DESC")
    }
}
