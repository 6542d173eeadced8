import JSON

/// Text into a page of HTML or a drawing of SVG. Literals are markup; whatever comes from a line goes through `append(html:)`.
extension ByteBuffer {
    /// Text that nobody has looked at, for the inside of an element or of a quoted attribute.
    ///
    /// What has a meaning in markup is escaped. Controls, marks that turn the direction of what follows, and what XML does not allow
    /// become U+FFFD; breaks of lines and tabs become blanks.
    mutating func append(html text: String) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": append("&amp;")
            case "<": append("&lt;")
            case ">": append("&gt;")
            case "\"": append("&quot;")
            case "'": append("&#39;")
            case "\t", "\n", "\r", "\u{2028}", "\u{2029}": append(" ")
            default:
                for byte in UTF8.encode(ByteBuffer.isShown(scalar) ? scalar : "\u{FFFD}")! { append(byte) }
            }
        }
    }

    private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0: false
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF: false
        case 0xFDD0...0xFDEF: false
        default: scalar.value & 0xFFFE != 0xFFFE
        }
    }

    /// Tenths of a pixel: 123 is `12.3`, 120 is `12`.
    mutating func append(tenths: Int) {
        if tenths < 0 { append("-") }
        let (whole, rest) = tenths.magnitude.quotientAndRemainder(dividingBy: 10)
        append(integer: Int64(whole))
        guard rest > 0 else { return }
        append(".")
        append(integer: Int64(rest))
    }
}
