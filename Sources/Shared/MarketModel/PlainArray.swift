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

    @inline(__always)
    mutating func append(_ element: Element) {
        if count == capacity { resize(to: capacity * 2) }
        (base + count).initialize(to: element)
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
