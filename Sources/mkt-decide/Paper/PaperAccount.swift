import MarketModel

/// What one rule holds and has earned on paper, as if it were alone in the market.
struct PaperAccount {
    /// A price of a book that the rule took from.
    struct Place: Hashable {
        let isAsk: Bool
        let price: Int64
    }

    /// What it took there, and what rested there then, in millionths of a share.
    struct Taking {
        var size: Int64
        var rested: Int64
    }

    /// Those that came to nothing stay, for what they have earned.
    private(set) var positions: [PaperAsset: PaperPosition] = [:]
    /// Those of them that hold something, or owe it.
    private(set) var open: Set<PaperAsset> = []
    /// Of all positions together, as theirs are.
    private(set) var realized: Int128 = 0
    private(set) var fees: Int128 = 0
    /// What the open positions would earn beside what they cost, each and together, as of the last `revalue`.
    private var values: [PaperAsset: Int128] = [:]
    private(set) var unrealized: Int128 = 0
    /// Positions that changed since.
    private var touched: Set<PaperAsset> = []
    private var valued: PaperJournal.Place?
    /// By number of an instrument. Nobody sees our orders, so what was taken still stands in the books; it is not there for the rule a second time.
    private var taken: [Int: [Place: Taking]] = [:]
    private(set) var fills: Int64 = 0

    /// Of what rests at a price, the part that the rule has not taken. What was taken counts until another size rests there.
    func available(_ level: Level, at place: Place, of instrument: Int) -> Int64 {
        guard let taking = taken[instrument]?[place], taking.rested == level.size.millionths else { return level.size.millionths }
        return taking.rested - taking.size
    }

    mutating func take(_ size: Int64, of level: Level, at place: Place, of instrument: Int) {
        let rested = level.size.millionths
        let earlier = taken[instrument]?[place].flatMap { $0.rested == rested ? $0.size : nil } ?? 0
        taken[instrument, default: [:]][place] = Taking(size: earlier + size, rested: rested)
    }

    /// Takes a fill; false, and nothing done, where shares are beyond 64 bits.
    mutating func trade(_ asset: PaperAsset, _ shares: Int64, at price: Int64, fee: Int64) -> Bool {
        var position = positions[asset] ?? PaperPosition()
        guard position.trade(shares, at: price) else { return false }
        position.charge(fee)
        fees += Int128(fee)
        keep(position, of: asset)
        fills += 1
        return true
    }

    private mutating func keep(_ position: PaperPosition, of asset: PaperAsset) {
        realized += position.realized - (positions[asset]?.realized ?? 0)
        positions[asset] = position
        touched.insert(asset)
        if position.size == 0 { open.remove(asset) } else { open.insert(asset) }
    }

    /// Works out again what open positions would earn, as far as anything may have changed it.
    mutating func revalue(_ journal: PaperJournal, in router: borrowing Router) {
        if let valued, let changes = journal.changes(since: valued, most: max(open.count, 256)) {
            for instrument in changes {
                let asset = PaperAsset(router.instruments[Int(instrument)])
                value(asset, in: router)
                if let other = PaperMark.complement(of: asset, in: router) { value(other, in: router) }
            }
            for asset in touched { value(asset, in: router) }
        } else {
            (values, unrealized) = ([:], 0)
            for asset in open { value(asset, in: router) }
        }
        touched.removeAll(keepingCapacity: true)
        valued = journal.end
    }

    private mutating func value(_ asset: PaperAsset, in router: borrowing Router) {
        unrealized -= values.removeValue(forKey: asset) ?? 0
        guard open.contains(asset), let position = positions[asset],
            // Without any price nothing is won or lost so far.
            let mark = PaperMark.price(of: asset, isHeld: position.size > 0, in: router)
        else { return }
        let value = position.unrealized(at: mark)
        values[asset] = value
        unrealized += value
    }

    /// Ends a position at what a share pays; false where there is none.
    mutating func settle(_ asset: PaperAsset, at price: Int64) -> Bool {
        guard var position = positions[asset], position.size != 0 else { return false }
        position.settle(at: price)
        keep(position, of: asset)
        return true
    }

    /// Whether it has taken anything that may still rest in a book of an instrument.
    func hasTaken(of instrument: Int) -> Bool { taken[instrument] != nil }

    /// Looks at the book of an instrument at one of its lines: where another size rests than was there, others have acted.
    mutating func look(at book: OrderBook, of instrument: Int) {
        guard var places = taken[instrument] else { return }
        for (place, taking) in places {
            let side = place.isAsk ? book.asks : book.bids
            if side.size(at: Price(millionths: place.price)).millionths != taking.rested { places[place] = nil }
        }
        taken[instrument] = places.isEmpty ? nil : places
    }
}
