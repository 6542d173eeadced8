public import CProcessor

/// Asks for memory before it is needed.
///
/// With thousands of instruments what is kept of one is far away, and a reader waits longer for it than for all the work. Whoever
/// knows what comes next can ask first.
public enum NearMemory {
    /// Asks for some bytes, and does not wait. Nothing is read: the address may be any.
    @inlinable @inline(__always)
    public static func ask(for start: UnsafeRawPointer, _ count: Int) { mkt_bring_near(start, count) }

    /// Asks for the line of the processor's cache that an address is in.
    @inlinable @inline(__always)
    public static func ask(lineOf place: UnsafeRawPointer) { mkt_bring_line(place) }

    /// Asks for so many lines of the processor's cache.
    ///
    /// - Parameter start: Where the first one begins.
    @inlinable @inline(__always)
    public static func ask(lines count: Int, at start: UnsafeRawPointer) {
        for line in 0..<count { mkt_bring_line(start + 64 &* line) }
    }

    /// Asks for the first bytes of an object: its header, and its properties in their order.
    @inlinable @inline(__always)
    public static func ask(for object: Unmanaged<some AnyObject>, _ count: Int) { ask(for: object.toOpaque(), count) }

    /// Asks for the last `count` elements of an array, and for what stands in front of the first, which every use looks at.
    ///
    /// It goes by how Swift lays an array out, since each more polite way counts references, which waits for the memory: one address, there
    /// 32 bytes, and then the elements. Were that otherwise, the wrong memory would be asked for. The array's own count may be far, too, so
    /// the caller says it.
    ///
    /// - Parameters:
    ///   - array: Not changed.
    ///   - all: How many elements it has, or probably has.
    @inlinable @inline(__always)
    public static func ask<Element>(for array: inout [Element], last count: Int, of all: Int) {
        ask(lineOf: withUnsafeBytes(of: &array) { $0.load(as: UnsafeRawPointer.self) })
        // Of fewer elements what stands before them is asked for, too: that costs less than a branch.
        ask(for: &array, count, at: all &- count)
    }

    /// Asks for some elements of an array, of whose beginning the caller knows that it is near.
    ///
    /// - Parameters:
    ///   - array: Not changed.
    ///   - place: Of the first one; it and those behind it may be any, as all that is asked for.
    @inlinable @inline(__always)
    public static func ask<Element>(for array: inout [Element], _ count: Int, at place: Int) {
        let storage = withUnsafeBytes(of: &array) { $0.load(as: UnsafeRawPointer.self) }
        let stride = MemoryLayout<Element>.stride
        ask(for: storage + (32 &+ place &* stride), count &* stride)
    }
}
