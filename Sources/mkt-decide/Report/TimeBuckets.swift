/// What is kept of the values in one bucket of time.
protocol BucketContent {
    /// Takes in what came later.
    mutating func add(_ later: Self)
}

/// The least, greatest and last of some values: enough to draw them where they are too many to be told apart.
struct Extent: BucketContent, Equatable {
    var low: Int128
    var high: Int128
    var last: Int128

    init(_ value: Int128) { (low, high, last) = (value, value, value) }

    mutating func add(_ later: Extent) {
        low = min(low, later.low)
        high = max(high, later.high)
        last = later.last
    }
}

/// A sum, and the part of it that is told apart.
struct Share: BucketContent, Equatable {
    var whole: Int128
    var part: Int128

    mutating func add(_ later: Share) {
        whole += later.whole
        part += later.part
    }
}

/// Values over time, in the buckets of a grid that grows wider as the stream grows longer.
struct TimeBuckets<Content: BucketContent> {
    struct Bucket {
        var index: Int64
        var content: Content
    }

    /// In rising order; empty ones are left out.
    private(set) var buckets: [Bucket] = []
    /// The grid's level at the last look.
    private(set) var level = 0

    /// Adds a value at a time that the grid has room for.
    mutating func add(_ content: Content, at time: Int64, in grid: TimeGrid) {
        fold(to: grid.level, of: grid)
        let index = grid.bucket(of: time)
        guard let last = buckets.last, last.index >= index else { return buckets.append(Bucket(index: index, content: content)) }
        let place = last.index == index ? buckets.count - 1 : lowerBound(index)
        if buckets[place].index == index {
            buckets[place].content.add(content)
        } else {
            buckets.insert(Bucket(index: index, content: content), at: place)
        }
    }

    /// The place of the first bucket that is not before `index`.
    private func lowerBound(_ index: Int64) -> Int {
        var (low, high) = (0, buckets.count)
        while low < high {
            let middle = (low + high) / 2
            if buckets[middle].index < index { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Joins buckets to those of a wider width.
    mutating func fold(to wider: Int, of grid: TimeGrid) {
        guard wider > level else { return }
        let factor = grid.widths[wider] / grid.widths[level]
        level = wider
        var folded: [Bucket] = []
        for bucket in buckets {
            let index = TimeGrid.floor(bucket.index, factor)
            if let last = folded.indices.last, folded[last].index == index {
                folded[last].content.add(bucket.content)
            } else {
                folded.append(Bucket(index: index, content: bucket.content))
            }
        }
        buckets = folded
    }
}
