/// Values one behind the other in plain memory of one owner: an array would be retained, and checked for other owners, at every look.
///
/// They hold no references: nobody would release them.
struct PlainArray<Element>: ~Copyable {
    private var base: UnsafeMutablePointer<Element>
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        precondition(_isPOD(Element.self))
        self.capacity = capacity
        base = UnsafeMutablePointer<Element>.allocate(capacity: capacity)
    }

    deinit { base.deallocate() }

    @inline(__always)
    subscript(_ index: Int) -> Element {
        precondition(index >= 0 && index < count)
        return base[index]
    }

    /// Some of the values, valid until the next change.
    @inline(__always)
    subscript(_ range: Range<Int>) -> UnsafeBufferPointer<Element> {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        return UnsafeBufferPointer(start: base + range.lowerBound, count: range.count)
    }

    /// Where the next values go, with room for so many; `commit` tells how many were written.
    @inline(__always)
    mutating func spare(_ room: Int) -> UnsafeMutablePointer<Element> {
        if capacity - count < room { resize(to: max(capacity * 2, count + room)) }
        return base + count
    }

    /// Counts in values that were written through `spare`.
    @inline(__always)
    mutating func commit(_ written: Int) {
        precondition(written >= 0 && written <= capacity - count)
        count += written
    }

    @inline(__always)
    mutating func append(_ element: Element) {
        spare(1).initialize(to: element)
        count += 1
    }

    /// Forgets the values. Memory for more than `kept` is given back.
    mutating func removeAll(keeping kept: Int) {
        count = 0
        if capacity > kept { resize(to: kept) }
    }

    private mutating func resize(to wanted: Int) {
        let other = UnsafeMutablePointer<Element>.allocate(capacity: wanted)
        other.update(from: base, count: count)
        base.deallocate()
        base = other
        capacity = wanted
    }
}
