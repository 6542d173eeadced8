/// The first line of each input, least first: a binary heap by `recv_us`, then by the input's place among the arguments.
struct HeadHeap {
    struct Head: Comparable {
        var received: Int64
        var input: Int

        @inline(__always)
        static func < (left: Head, right: Head) -> Bool {
            left.received < right.received || (left.received == right.received && left.input < right.input)
        }
    }

    private var heads: [Head] = []

    init(capacity: Int) { heads.reserveCapacity(capacity) }

    var first: Head? { heads.first }

    mutating func insert(_ head: Head) {
        heads.append(head)
        var at = heads.count - 1
        while at > 0, head < heads[(at - 1) / 2] {
            heads[at] = heads[(at - 1) / 2]
            at = (at - 1) / 2
        }
        heads[at] = head
    }

    /// The first input's next line takes the place of the one that went.
    @inline(__always)
    mutating func replaceFirst(_ head: Head) {
        precondition(heads[0].input == head.input, "only the first head goes")
        sift(head)
    }

    /// The input, mostly the first one, has no further line for now.
    mutating func remove(_ input: Int) {
        guard heads[0].input == input else {
            heads.removeAll { $0.input == input }
            // A sorted array is a heap.
            heads.sort()
            return
        }
        let last = heads.removeLast()
        if !heads.isEmpty { sift(last) }
    }

    /// Puts `head` where it belongs, the first place being free.
    @inline(__always)
    private mutating func sift(_ head: Head) {
        let count = heads.count
        var at = 0
        while true {
            var child = 2 * at + 1
            guard child < count else { break }
            if child + 1 < count, heads[child + 1] < heads[child] { child += 1 }
            guard heads[child] < head else { break }
            heads[at] = heads[child]
            at = child
        }
        heads[at] = head
    }
}
