/// Which instruments are shown, in which order: the most active first.
///
/// By lines in the last five seconds, then by all lines, then as they came. The order is renewed at most every five seconds, so that rows
/// stand still; what comes meanwhile is put behind. One pass over the instruments, and memory for those only that a window can hold.
struct ActivityOrder {
    /// More rows than a window has.
    static let most = 1000
    private static let holdMicros: Int64 = 5_000_000

    private(set) var places: [Int] = []
    private var renewedMicros: Int64?
    private var epoch = 0

    /// How much an instrument has to say for itself.
    private struct Rank {
        let recent: Int64
        let all: Int64

        func isHigher(than other: Rank) -> Bool {
            recent != other.recent ? recent > other.recent : all > other.all
        }
    }

    /// Brings the order up to date; true if it was renewed.
    ///
    /// - Parameters:
    ///   - rows: How many are needed at the most.
    ///   - isForced: Renew it now; must be so when `rows` has changed.
    mutating func update(_ model: TableModel, rows: Int, second: Int64, monotonicMicros: Int64, isForced: Bool = false) -> Bool {
        let isHeld = renewedMicros.map { monotonicMicros - $0 < ActivityOrder.holdMicros } ?? false
        if isHeld, !isForced, epoch == model.epoch {
            // Fewer than were asked for are all that there were.
            while places.count < min(rows, model.instruments.count) { places.append(places.count) }
            return false
        }
        renewedMicros = monotonicMicros
        epoch = model.epoch
        renew(model, count: min(rows, ActivityOrder.most), second)
        return true
    }

    private mutating func renew(_ model: TableModel, count: Int, _ second: Int64) {
        places.removeAll(keepingCapacity: true)
        var ranks: [Rank] = []
        for (place, instrument) in model.instruments.enumerated() {
            let rank = Rank(recent: instrument.rate.total(before: second), all: instrument.lineCount)
            if places.count == count, let last = ranks.last, !rank.isHigher(than: last) { continue }
            var (low, high) = (0, ranks.count)
            while low < high {
                let middle = (low + high) / 2
                if rank.isHigher(than: ranks[middle]) { high = middle } else { low = middle + 1 }
            }
            ranks.insert(rank, at: low)
            places.insert(place, at: low)
            if places.count > count {
                ranks.removeLast()
                places.removeLast()
            }
        }
    }
}
