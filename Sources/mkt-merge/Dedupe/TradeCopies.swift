import JSON
import MarketModel

/// Tells a trade from the copy of it that another source brings.
///
/// A trade with an id is new once. Without one, the k-th of a source that says the same is the k-th trade of that kind, whoever brings
/// it first: two equal prints of one source are two trades, and one of each of two sources are one.
///
/// What was seen is kept in two generations, the older of which is dropped when the younger is full: the last 262,144 entries and the
/// last half hour of the stream at least (a copy comes as late as a process was stalled or a pipe was full), twice that at most. An id
/// costs one entry, an equal print one and one more for each source.
struct TradeCopies: ~Copyable {
    private static let entriesMax = 1 << 18
    private static let ageMicrosMax: Int64 = 1_800_000_000

    private struct Generation {
        var keys = ByteTable()
        var counts: [Int32] = []
        var begun: Int64?

        func count(_ key: JSONText) -> Int32? { keys.find(key).map { counts[$0] } }
    }

    private let entriesMax: Int
    private var young = Generation()
    private var old = Generation()
    private var key = ByteBuffer(capacity: 256)

    init(entriesMax: Int = TradeCopies.entriesMax) { self.entriesMax = entriesMax }

    /// Whether the decoder's trade is seen for the first time.
    ///
    /// - Parameters:
    ///   - instrument: The number of its instrument.
    ///   - received: The stream's time, which ages what was seen.
    mutating func isNew(_ trade: borrowing EventDecoder, instrument: Int, source: Int, received: Int64) throws(EventError) -> Bool {
        key.removeAll()
        append(Int64(instrument))
        if let id = try trade.text(.tradeID), !id.isEmpty {
            key.append(UInt8(ascii: "i"))
            key.append(unescaping: id)
            age(received)
            guard count() == 0 else { return false }
            add()
            return true
        }
        try appendPrint(trade)
        age(received)
        let passed = count()
        let keyCount = key.count
        append(Int64(source))
        let ofSource = add()
        guard ofSource > passed else { return false }
        key.truncate(to: keyCount)
        add()
        return true
    }

    /// Everything that a print without an id says.
    private mutating func appendPrint(_ trade: borrowing EventDecoder) throws(EventError) {
        let price = try trade.requirePrice(.price)
        let size = try trade.requireSize(.size)
        key.append(UInt8(ascii: "p"))
        append(price.millionths)
        append(size.millionths)
        append(try trade.integer(.venueUs) ?? .min)
        // No JSON text holds a byte of 0xFF, so none runs into the next.
        if let side = try trade.text(.aggressorSide) { key.append(unescaping: side) }
        key.append(0xFF)
        if let tx = try trade.text(.tx) { key.append(unescaping: tx) }
        key.append(0xFF)
    }

    private mutating func append(_ value: Int64) {
        withUnsafeBytes(of: value) { key.append($0.bindMemory(to: UInt8.self)) }
    }

    /// How often `key` was counted.
    private func count() -> Int32 { young.count(key.text) ?? old.count(key.text) ?? 0 }

    @discardableResult
    private mutating func add() -> Int32 {
        let (index, isNew) = young.keys.intern(key.text)
        if isNew { young.counts.append(old.count(key.text) ?? 0) }
        young.counts[index] += 1
        return young.counts[index]
    }

    private mutating func age(_ received: Int64) {
        guard let begun = young.begun else {
            young.begun = received
            return
        }
        let age = Timestamp(micros: received).micros(since: Timestamp(micros: begun))
        guard young.keys.count >= entriesMax || age >= TradeCopies.ageMicrosMax else { return }
        old = young
        young = Generation()
        young.begun = received
    }
}
