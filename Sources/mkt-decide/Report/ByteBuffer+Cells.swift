import JSON
import MarketModel

/// Cells of the page's tables; a value that is not known is a dash.
extension ByteBuffer {
    /// A name or a word, on one line if it is short.
    mutating func appendCell(text: String) {
        append(text.utf8.count <= 32 ? "<td class=\"t\"><bdi>" : "<td class=\"w\"><bdi>")
        append(html: text)
        append("</bdi></td>")
    }

    /// Text that may run over several lines.
    mutating func appendCell(long text: String) {
        append("<td class=\"w\"><bdi>")
        append(html: text)
        append("</bdi></td>")
    }

    mutating func appendCell(count: Int64?) {
        guard let count else { return append("<td class=\"n\">–</td>") }
        append("<td class=\"n\">")
        appendFigure(count: count)
        append("</td>")
    }

    /// Millionths with all their decimals.
    mutating func appendCell(exact millionths: Int128?) { appendCell(millionths: millionths, decimals: nil) }

    /// Millionths, shown with so many decimals; nil for all that are not zero.
    mutating func appendCell(millionths: Int128?, decimals: Int? = 2) {
        guard let millionths else { return append("<td class=\"n\">–</td>") }
        append(millionths < 0 ? "<td class=\"n neg\">" : "<td class=\"n\">")
        appendFigure(millionths: millionths, decimals: decimals)
        append("</td>")
    }

    mutating func appendCell(part: Int128, of whole: Int128) {
        append("<td class=\"n\">")
        appendFigure(part: part, of: whole)
        append("</td>")
    }

    mutating func appendCell(time: Timestamp?) {
        guard let time else { return append("<td class=\"t\">–</td>") }
        append("<td class=\"t\">")
        append(time: time)
        append("</td>")
    }

    /// A moment to the second, with the exact one beside it.
    mutating func append(time: Timestamp) {
        let civil = CivilTime(time)
        append("<time datetime=\"")
        append(html: civil.exact)
        append("\" title=\"")
        append(html: civil.exact)
        append("\">")
        append(html: civil.short)
        append("</time>")
    }

    mutating func appendFigure(count: Int64) {
        append("<data value=\"")
        append(integer: count)
        append("\">")
        append(html: Figure.grouped("\(count)"))
        append("</data>")
    }

    /// The value for machines is exact; where people see a shorter one, a tooltip has all of it.
    mutating func appendFigure(millionths: Int128, decimals: Int? = 2) {
        append("<data value=\"")
        append(html: ExactText.decimal(millionths, decimals: 6))
        if let decimals, Figure.isShortened(millionths, decimals: decimals) {
            append("\" title=\"")
            append(html: Figure.exact(millionths))
        }
        append("\">")
        append(html: decimals.map { Figure.short(millionths, decimals: $0) } ?? Figure.exact(millionths))
        append("</data>")
    }

    /// What part of the shares that were asked for came.
    mutating func appendFigure(part: Int128, of whole: Int128) {
        guard whole > 0 else { return append("–") }
        append("<data value=\"")
        append(html: "\(ExactText.decimal(part, decimals: 6))/\(ExactText.decimal(whole, decimals: 6))")
        append("\" title=\"")
        append(html: "\(Figure.exact(part)) of \(Figure.exact(whole)) shares")
        append("\">")
        append(html: Figure.percent(part, of: whole))
        append("</data>")
    }
}

/// A column of a table: its head, and what the head means.
struct TableColumn {
    let name: String
    let meaning: String
    let isNumber: Bool

    init(_ name: String, _ meaning: String = "", isNumber: Bool = true) {
        (self.name, self.meaning, self.isNumber) = (name, meaning, isNumber)
    }
}

extension ByteBuffer {
    /// Opens a table up to its body.
    mutating func beginTable(_ columns: [TableColumn], isTall: Bool = false) {
        append(isTall ? "<div class=\"wide tall\" tabindex=\"0\">" : "<div class=\"wide\" tabindex=\"0\">")
        append("<table><thead><tr>")
        for column in columns {
            append(column.isNumber ? "<th scope=\"col\" class=\"n\"" : "<th scope=\"col\"")
            if !column.meaning.isEmpty {
                append(" title=\"")
                append(html: column.meaning)
                append("\"")
            }
            append(">")
            append(html: column.name)
            append("</th>")
        }
        append("</tr></thead><tbody>\n")
    }

    mutating func endTable() { append("</tbody></table></div>\n") }
}
