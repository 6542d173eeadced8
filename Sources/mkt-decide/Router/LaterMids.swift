/// The histories of mids of rules that began to look at a book when others did so already.
///
/// Rules that began at the same line share one history, so there is nearly always one a book, and none here. A rule that comes later, by a
/// label or by other parameters, has seen nothing of what was before.
struct LaterMids: ~Copyable {
    private var histories = UnsafeMutableBufferPointer<MidHistory<LineMark>>(start: nil, count: 0)

    deinit {
        histories.deinitialize()
        histories.deallocate()
    }

    var count: Int { histories.count }

    /// Valid until the next change.
    func history(_ index: Int) -> UnsafeMutablePointer<MidHistory<LineMark>> {
        guard index < histories.count, let base = histories.baseAddress else { fatalError("there is no such history") }
        return base + index
    }

    mutating func add() {
        let larger = UnsafeMutableBufferPointer<MidHistory<LineMark>>.allocate(capacity: histories.count + 1)
        for index in histories.indices { larger.initializeElement(at: index, to: histories.moveElement(from: index)) }
        larger.initializeElement(at: histories.count, to: MidHistory())
        histories.deallocate()
        histories = larger
    }
}
