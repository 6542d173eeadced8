/// When the bytes of a live input arrived, so that a line knows its time however late it is looked at.
///
/// A mark says that the stream had so many bytes at such a time. There is one for each read whose lines still wait; what has gone is
/// forgotten.
struct ArrivalMarks {
    private struct Mark {
        var bytes: Int
        var micros: Int64
    }

    private var marks: [Mark] = []
    /// Marks before it are of lines that went.
    private var first = 0

    /// A read at this time brought the stream to `bytes` in all.
    mutating func add(bytes: Int, micros: Int64) {
        if first == marks.count || first > 1024 {
            marks.removeFirst(first)
            first = 0
        }
        marks.append(Mark(bytes: bytes, micros: micros))
    }

    /// When the first `bytes` bytes of the stream were all there. Never asked for less than before.
    mutating func micros(ofBytes bytes: Int) -> Int64 {
        while first < marks.count - 1, marks[first].bytes < bytes { first += 1 }
        return first < marks.count ? marks[first].micros : 0
    }
}
