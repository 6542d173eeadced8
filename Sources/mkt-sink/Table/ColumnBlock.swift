/// A block of columns: makes rows of a screen from values.
///
/// Columns are as wide as their widest value was since `forget`, so that they stand still while values come and go.
struct ColumnBlock {
    /// Blank cells between two columns.
    private static let gap = 2

    private let columns: [TableColumn]
    private var extents: [Extent]

    /// The cells that the values of a column have needed.
    private struct Extent {
        var whole = 0
        var fraction = 0
        var text = 0
    }

    /// A column that is shown.
    private struct Place {
        let index: Int
        let start: Int
        let width: Int
    }

    init(_ columns: [TableColumn]) {
        self.columns = columns
        extents = [Extent](repeating: Extent(), count: columns.count)
    }

    /// Forgets how wide values were.
    mutating func forget() { extents = [Extent](repeating: Extent(), count: columns.count) }

    /// The title and the values, one row each. Texts are cut to their column; a number never is: its column goes as a whole.
    mutating func rows(_ values: [[TableValue]], width: Int) -> [ScreenRow] {
        for row in values {
            for (index, value) in row.enumerated() { widen(index, value) }
        }
        let places = places(width)
        let titles = ScreenRow(
            places.map { place in
                let column = columns[place.index]
                return piece(place, SafeText.cut(column.title, cells: place.width), column.alignment != .left, .heading)
            })
        return [titles] + values.map { row in ScreenRow(places.map { piece($0, row[$0.index]) }) }
    }

    private mutating func widen(_ index: Int, _ value: TableValue) {
        switch value.content {
        case .text(let text): extents[index].text = max(extents[index].text, CellWidth.of(text))
        case .decimal(let millionths):
            let decimal = DecimalText(millionths: millionths)
            extents[index].whole = max(extents[index].whole, decimal.whole.utf8.count)
            extents[index].fraction = max(extents[index].fraction, decimal.fraction.utf8.count)
        }
    }

    /// Cells that a column wants.
    private func wanted(_ index: Int) -> Int {
        let extent = extents[index]
        let values = columns[index].alignment == .point ? max(extent.whole, extent.text) + extent.fraction : extent.text
        return max(columns[index].title.utf8.count, values, columns[index].cellsMin)
    }

    private func least(_ index: Int) -> Int { columns[index].isElastic ? columns[index].cellsMin : wanted(index) }

    private func places(_ width: Int) -> [Place] {
        var shown = Array(columns.indices)
        func need() -> Int { shown.reduce(-ColumnBlock.gap) { $0 + least($1) + ColumnBlock.gap } }
        func rank(_ index: Int) -> Int { columns[index].dropRank ?? .max }
        while need() > width, let next = shown.min(by: { rank($0) < rank($1) }), columns[next].dropRank != nil {
            shown.removeAll { $0 == next }
        }
        let spare = max(width - need(), 0)
        var places: [Place] = []
        var start = 0
        for index in shown {
            let cells = columns[index].isElastic ? min(wanted(index), least(index) + spare) : wanted(index)
            guard start < width else { break }
            places.append(Place(index: index, start: start, width: min(cells, width - start)))
            start += cells + ColumnBlock.gap
        }
        return places
    }

    private func piece(_ place: Place, _ value: TableValue) -> ScreenPiece {
        switch value.content {
        case .text(let text):
            let cut = SafeText.cut(text, cells: place.width)
            switch columns[place.index].alignment {
            case .left: return piece(place, cut, false, value.style)
            case .right: return piece(place, cut, true, value.style)
            case .point:
                let after = String(repeating: " ", count: min(extents[place.index].fraction, place.width - CellWidth.of(cut)))
                return piece(place, cut + after, true, value.style)
            }
        case .decimal(let millionths):
            let decimal = DecimalText(millionths: millionths)
            let after = max(extents[place.index].fraction - decimal.fraction.utf8.count, 0)
            let text = decimal.text + String(repeating: " ", count: after)
            // Half a number is another number.
            return text.utf8.count > place.width ? piece(place, "#", true, .warning) : piece(place, text, true, value.style)
        }
    }

    private func piece(_ place: Place, _ text: String, _ isRight: Bool, _ style: TextStyle) -> ScreenPiece {
        let blank = isRight ? max(place.width - CellWidth.of(text), 0) : 0
        return ScreenPiece(column: place.start, width: place.width, text: String(repeating: " ", count: blank) + text, style: style)
    }
}
