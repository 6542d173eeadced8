import JSON

/// Turns a frame into what makes a terminal look so: everything, or what differs from the frame before.
///
/// Each piece is set at its own place, so that a terminal with another notion of a character's width spoils that piece only.
struct Painter {
    let isColoured: Bool

    /// - Parameter past: What the screen shows; nil, or of another size, if that is not known.
    func paint(_ frame: Frame, over past: Frame?, into buffer: inout ByteBuffer) {
        let known = past.flatMap { $0.size == frame.size ? $0 : nil }
        if known == nil { buffer.append("\u{1B}[0m\u{1B}[2J") }
        for (index, row) in frame.rows.enumerated() {
            let before = known?.rows[index] ?? ScreenRow()
            if row != before { paint(row, over: before, at: index, into: &buffer) }
        }
    }

    private func paint(_ row: ScreenRow, over past: ScreenRow, at index: Int, into buffer: inout ByteBuffer) {
        let isSameShape = row.pieces.elementsEqual(past.pieces) { $0.column == $1.column && $0.width == $1.width }
        if !isSameShape, !past.pieces.isEmpty {
            moveTo(index, 0, &buffer)
            buffer.append("\u{1B}[2K")
        }
        for (place, piece) in row.pieces.enumerated() {
            if isSameShape ? piece == past.pieces[place] : piece.text.isEmpty { continue }
            moveTo(index, piece.column, &buffer)
            append(piece, isPadded: isSameShape, &buffer)
        }
    }

    private func append(_ piece: ScreenPiece, isPadded: Bool, _ buffer: inout ByteBuffer) {
        append(piece.text, piece.style, &buffer)
        guard isPadded else { return }
        for _ in 0..<max(piece.width - CellWidth.of(piece.text), 0) { buffer.append(UInt8(ascii: " ")) }
    }

    private func moveTo(_ row: Int, _ column: Int, _ buffer: inout ByteBuffer) {
        buffer.append("\u{1B}[")
        buffer.append(integer: Int64(row + 1))
        buffer.append(";")
        buffer.append(integer: Int64(column + 1))
        buffer.append("H")
    }

    /// A text in its style, without a place.
    func append(_ text: String, _ style: TextStyle, _ buffer: inout ByteBuffer) {
        guard isColoured, let start = style.start else { return buffer.append(utf8: text) }
        buffer.append(start)
        buffer.append(utf8: text)
        buffer.append(TextStyle.reset)
    }

    /// The frame as lines that follow one another, without the blank ones: for a terminal that scrolls.
    func print(_ frame: Frame, into buffer: inout ByteBuffer) {
        for row in frame.rows where !row.pieces.isEmpty {
            var column = 0
            for piece in row.pieces where !piece.text.isEmpty {
                while column < piece.column {
                    buffer.append(UInt8(ascii: " "))
                    column += 1
                }
                append(piece.text, piece.style, &buffer)
                column += CellWidth.of(piece.text)
            }
            buffer.append("\r\n")
        }
    }
}
