/// A set of fields as bits.
struct EventFieldSet {
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    init() {}

    @inline(__always)
    mutating func insert(_ field: EventField) {
        // The usual fields of books and trades are all among the first.
        if field.rawValue < 64 { low |= 1 << UInt64(field.rawValue) } else { high |= 1 << UInt64(field.rawValue &- 64) }
    }

    /// Puts in `count` fields, from `first` on.
    @inline(__always)
    mutating func insert(first: EventField, count: Int) {
        low |= (1 << UInt64(count) &- 1) << UInt64(first.rawValue)
    }

    /// Takes out the first field in the order of their declaration, and gives its raw value; nil once it is empty.
    @inline(__always)
    mutating func popFirst() -> Int? {
        if low != 0 {
            let place = low.trailingZeroBitCount
            low &= low &- 1
            return place
        }
        guard high != 0 else { return nil }
        let place = high.trailingZeroBitCount
        high &= high &- 1
        return place + 64
    }
}
