public import CPrefetch

/// Asks for memory before it is needed: a wait of a hundred instructions and more, which other work fills.
public enum Prefetch {
    /// Asks for the line of the processor's cache at a place, which nobody looks at: it may be any address.
    @inlinable @inline(__always)
    public static func line(at place: UnsafeRawPointer) { mkt_prefetch(place) }

    /// Asks for so many lines from a place on.
    @inlinable @inline(__always)
    public static func lines(_ count: Int, at place: UnsafeRawPointer) {
        for number in 0..<count { mkt_prefetch(place + number * 64) }
    }
}
