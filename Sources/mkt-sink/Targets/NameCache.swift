import Glibc

/// Numbers of names that were met lately: one place a hash, a new name takes the place of an old one.
///
/// A hit is compared byte by byte, so an answer is never wrong. Memory is bounded whatever comes, and looking up costs one pass over the
/// name.
struct NameCache: ~Copyable {
    private struct Slot {
        var bytes: UnsafeMutablePointer<UInt8>?
        var count = 0
        var number: Int64 = 0
    }

    private static let slotBits = 16
    /// Longer names are not kept: 64 Ki slots of them would be too much memory.
    private static let nameBytesMax = 1024

    private let slots: UnsafeMutablePointer<Slot>

    init() {
        slots = UnsafeMutablePointer<Slot>.allocate(capacity: 1 << NameCache.slotBits)
        slots.initialize(repeating: Slot(), count: 1 << NameCache.slotBits)
    }

    deinit {
        for index in 0..<(1 << NameCache.slotBits) { slots[index].bytes?.deallocate() }
        slots.deallocate()
    }

    @inline(__always)
    func find(_ name: UnsafeBufferPointer<UInt8>) -> Int64? {
        let slot = slots[NameCache.place(name)]
        guard slot.count == name.count, let bytes = slot.bytes, memcmp(bytes, name.baseAddress!, name.count) == 0 else { return nil }
        return slot.number
    }

    func keep(_ name: UnsafeBufferPointer<UInt8>, _ number: Int64) {
        guard name.count <= NameCache.nameBytesMax else { return }
        let place = NameCache.place(name)
        slots[place].bytes?.deallocate()
        // An empty name needs an address too.
        let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: max(name.count, 1))
        memcpy(bytes, name.baseAddress!, name.count)
        slots[place] = Slot(bytes: bytes, count: name.count, number: number)
    }

    /// Eight bytes a step, multiplied and folded.
    @inline(__always)
    private static func place(_ name: UnsafeBufferPointer<UInt8>) -> Int {
        let raw = UnsafeRawPointer(name.baseAddress!)
        var hash = UInt64(name.count) &* 0x9E37_79B9_7F4A_7C15
        var at = 0
        while name.count - at >= 8 {
            hash = fold(hash ^ raw.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            at += 8
        }
        while at < name.count {
            hash = fold(hash ^ UInt64(raw.load(fromByteOffset: at, as: UInt8.self)))
            at += 1
        }
        return Int(truncatingIfNeeded: hash & (1 << UInt64(slotBits) - 1))
    }

    @inline(__always)
    private static func fold(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
        return product.high ^ product.low
    }
}
