/// A column of a block: its title, how it is set, and when it goes.
struct TableColumn {
    enum Alignment {
        case left, right
        /// Decimals one under the other; other texts end where the whole numbers do.
        case point
    }

    let title: String
    let alignment: Alignment
    /// Columns go in rising order where the window is too narrow; nil never goes.
    let dropRank: Int?
    /// The column that takes what the others leave, and gives way first.
    let isElastic: Bool
    /// Cells that an elastic column has at least.
    let cellsMin: Int

    init(_ title: String, _ alignment: Alignment, drop dropRank: Int? = nil, isElastic: Bool = false, cellsMin: Int = 0) {
        self.title = title
        self.alignment = alignment
        self.dropRank = dropRank
        self.isElastic = isElastic
        self.cellsMin = cellsMin
    }
}

/// What stands in a column of a row.
struct TableValue {
    enum Content {
        /// Safe for a terminal.
        case text(String)
        /// In millionths.
        case decimal(Int64)
    }

    let content: Content
    let style: TextStyle

    static let blank = TableValue(.text(""))

    init(_ content: Content, _ style: TextStyle = .plain) {
        self.content = content
        self.style = style
    }

    init(_ text: String, _ style: TextStyle = .plain) { self.init(.text(text), style) }

    init(millionths: Int64?, _ style: TextStyle = .plain) { self.init(millionths.map { .decimal($0) } ?? .text(""), style) }
}
