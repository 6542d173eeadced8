import JSON

/// Plain values one behind the other in memory that is used again: an array for what is written and read once for every message.
///
/// It counts no references and never shares its memory, which an array has to make sure of at every change.
public struct FlatStore<Element: BitwiseCopyable>: ~Copyable {
    private var base: UnsafeMutablePointer<Element>
    private var capacity: Int
    public private(set) var count = 0

    public init(capacity: Int = 16) {
        self.capacity = max(capacity, 1)
        base = UnsafeMutablePointer<Element>.allocate(capacity: self.capacity)
    }

    deinit { base.deallocate() }

    public var isEmpty: Bool { count == 0 }

    /// All of them, valid until the next change.
    @inline(__always)
    public var elements: UnsafeBufferPointer<Element> { UnsafeBufferPointer(start: base, count: count) }

    @inline(__always)
    public subscript(index: Int) -> Element {
        get {
            precondition(index >= 0 && index < count)
            return base[index]
        }
        set {
            precondition(index >= 0 && index < count)
            base[index] = newValue
        }
    }

    @inline(__always)
    public mutating func append(_ element: Element) {
        if count == capacity { move(to: capacity * 2) }
        (base + count).initialize(to: element)
        count += 1
    }

    /// Asks for the memory of an element, if there is one.
    @inline(__always)
    public func ask(for index: Int) {
        if index >= 0, index < count { NearMemory.ask(lineOf: base + index) }
    }

    /// Forgets the elements from `count` on.
    public mutating func truncate(to count: Int) {
        precondition(count >= 0 && count <= self.count)
        self.count = count
    }

    /// Forgets all, and gives memory back that is beyond `kept` elements.
    public mutating func removeAll(keeping kept: Int) {
        count = 0
        if capacity > kept { move(to: max(kept, 1)) }
    }

    private mutating func move(to newCapacity: Int) {
        let fresh = UnsafeMutablePointer<Element>.allocate(capacity: newCapacity)
        fresh.update(from: base, count: count)
        base.deallocate()
        (base, capacity) = (fresh, newCapacity)
    }
}
