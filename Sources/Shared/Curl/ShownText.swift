/// Text of the other end that may reach a terminal or a log.
enum ShownText {
    /// Printable ASCII as it is, everything else as `?`, and no more than a line holds.
    static func clean(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.prefix(300).map { (" "..."~").contains($0) ? $0 : "?" }))
    }
}
