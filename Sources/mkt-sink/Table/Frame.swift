import UnixTool

/// A whole screen as it shall look.
struct Frame: Equatable {
    let size: WindowSize
    /// As many as the window has.
    var rows: [ScreenRow]

    init(_ size: WindowSize, _ rows: [ScreenRow]) {
        self.size = size
        self.rows = Array(rows.prefix(size.rows))
        while self.rows.count < size.rows { self.rows.append(ScreenRow()) }
    }
}

/// One row of a screen: pieces of text from left to right that do not touch each other's cells.
struct ScreenRow: Equatable {
    var pieces: [ScreenPiece] = []

    init(_ pieces: [ScreenPiece] = []) { self.pieces = pieces }

    /// A row of one text from the left edge, cut to `width`.
    init(_ text: String, _ style: TextStyle, width: Int) {
        pieces = [ScreenPiece(column: 0, width: width, text: SafeText.cut(text, cells: width), style: style)]
    }
}

/// Text at a place of a row; the rest of its width is blank.
struct ScreenPiece: Equatable {
    /// From the left edge, beginning with 0.
    let column: Int
    /// Cells that are its own.
    let width: Int
    /// At most `width` cells.
    let text: String
    let style: TextStyle
}
