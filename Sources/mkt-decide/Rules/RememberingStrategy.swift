/// A strategy as those see it who keep what it remembers in a piece of memory that several share.
///
/// All of this is asked of the type, by its name or as a value, and of addresses: nothing is copied, no reference counted. Each is asked for
/// here, and not only given below, so that every strategy has its own code for it.
protocol RememberingStrategy: Strategy {
    associatedtype Memory: StrategyMemory

    static var memoryByteCount: Int { get }
    static var memoryAlignment: Int { get }
    /// Puts a memory that has seen nothing where there is none.
    static func beginMemory(_ place: UnsafeMutableRawPointer)
    /// Puts such a one in the place of another.
    static func restartMemory(_ place: UnsafeMutableRawPointer)
    static func endMemory(_ place: UnsafeMutableRawPointer)
    static func swapMemories(_ place: UnsafeMutableRawPointer, _ other: UnsafeMutableRawPointer)
    /// Hands over what a database says of the instrument.
    static func takeReference(_ reference: InstrumentReference?, _ place: UnsafeMutableRawPointer)
    /// `StrategyMemory.history`.
    static func history(_ place: UnsafeMutableRawPointer) -> Int?
    /// A copy of the strategy at an address that stays, until `end`.
    func kept() -> UnsafeMutableRawPointer
    static func end(_ kept: UnsafeMutableRawPointer)
}

extension RememberingStrategy {
    @inline(__always)
    static func memory(_ place: UnsafeMutableRawPointer) -> UnsafeMutablePointer<Memory> { place.assumingMemoryBound(to: Memory.self) }

    static var memoryByteCount: Int { MemoryLayout<Memory>.size }
    static var memoryAlignment: Int { MemoryLayout<Memory>.alignment }

    static func beginMemory(_ place: UnsafeMutableRawPointer) {
        place.bindMemory(to: Memory.self, capacity: 1).initialize(to: Memory())
    }

    static func restartMemory(_ place: UnsafeMutableRawPointer) { memory(place).pointee = Memory() }

    static func endMemory(_ place: UnsafeMutableRawPointer) { memory(place).deinitialize(count: 1) }

    static func swapMemories(_ place: UnsafeMutableRawPointer, _ other: UnsafeMutableRawPointer) {
        swap(&memory(place).pointee, &memory(other).pointee)
    }

    static func takeReference(_ reference: InstrumentReference?, _ place: UnsafeMutableRawPointer) {
        memory(place).pointee.take(reference)
    }

    static func history(_ place: UnsafeMutableRawPointer) -> Int? { memory(place).pointee.history }

    func kept() -> UnsafeMutableRawPointer {
        let copy = UnsafeMutablePointer<Self>.allocate(capacity: 1)
        copy.initialize(to: self)
        return UnsafeMutableRawPointer(copy)
    }

    static func end(_ kept: UnsafeMutableRawPointer) {
        let copy = kept.assumingMemoryBound(to: Self.self)
        copy.deinitialize(count: 1)
        copy.deallocate()
    }
}
