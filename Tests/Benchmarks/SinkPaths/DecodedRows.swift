import BenchSupport
import MarketModel

/// The rows of lines, made before anything is measured.
final class DecodedRows {
    let count: Int
    private let rows: UnsafeMutablePointer<EventRow>
    /// The rows' texts point into them.
    private let lines: Lines

    init(_ lines: Lines) throws {
        self.lines = lines
        let views = lines.views
        count = views.count
        rows = UnsafeMutablePointer<EventRow>.allocate(capacity: views.count)
        for index in views.indices { (rows + index).initialize(to: EventRow()) }
        var decoder = EventDecoder()
        var encoder = RowEncoder()
        for (index, line) in views.enumerated() {
            try decoder.decodeEvent(line)
            guard let kind = decoder.kind else { throw BenchFailure(description: "a line of an unknown type") }
            try encoder.encode(line, kind, decoder, into: &rows[index])
        }
    }

    deinit {
        rows.deinitialize(count: count)
        rows.deallocate()
    }

    var cellCount: Int { (0..<count).reduce(0) { $0 + rows[$1].count } }

    subscript(_ index: Int) -> EventRow {
        _read { yield rows[index] }
    }
}
