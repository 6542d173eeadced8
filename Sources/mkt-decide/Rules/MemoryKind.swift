/// How what a strategy remembers is kept in a piece of memory that several share: its size, and what is done with it where its type is no
/// more known.
struct MemoryKind {
    let byteCount: Int
    let alignment: Int
    /// Puts a memory that has seen nothing where there is none.
    let begin: (UnsafeMutableRawPointer) -> Void
    /// Puts such a one in the place of another.
    let restart: (UnsafeMutableRawPointer) -> Void
    let end: (UnsafeMutableRawPointer) -> Void
    let swap: (UnsafeMutableRawPointer, UnsafeMutableRawPointer) -> Void
    /// Hands over what a database says of the instrument.
    let take: (UnsafeMutableRawPointer, InstrumentReference?) -> Void
    /// `StrategyMemory.history`.
    let history: (UnsafeMutableRawPointer) -> Int?

    init<Memory: StrategyMemory>(of _: Memory.Type) {
        func memory(_ place: UnsafeMutableRawPointer) -> UnsafeMutablePointer<Memory> { place.assumingMemoryBound(to: Memory.self) }
        byteCount = MemoryLayout<Memory>.size
        alignment = MemoryLayout<Memory>.alignment
        begin = { $0.bindMemory(to: Memory.self, capacity: 1).initialize(to: Memory()) }
        restart = { memory($0).pointee = Memory() }
        end = { memory($0).deinitialize(count: 1) }
        swap = { Swift.swap(&memory($0).pointee, &memory($1).pointee) }
        take = { memory($0).pointee.take($1) }
        history = { memory($0).pointee.history }
    }
}
