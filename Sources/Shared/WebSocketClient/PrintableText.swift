/// Text of the other end, made fit for one line of a log: nothing of it may steer a terminal.
enum PrintableText {
    /// The first characters as printable ASCII; white space becomes one blank, everything else `?`.
    static func line(_ text: String, charactersMax: Int) -> String {
        var line = String.UnicodeScalarView()
        var isBlank = true
        for scalar in text.unicodeScalars where line.count < charactersMax {
            switch scalar {
            case " ", "\t", "\r", "\n":
                if !isBlank { line.append(" ") }
                isBlank = true
            case "!"..."~":
                line.append(scalar)
                isBlank = false
            default:
                line.append("?")
                isBlank = false
            }
        }
        if line.last == " " { line.removeLast() }
        return String(line)
    }

    /// The same for bytes that may be no UTF-8.
    static func line(_ bytes: some Collection<UInt8>, charactersMax: Int) -> String {
        line(String(decoding: bytes, as: UTF8.self), charactersMax: charactersMax)
    }
}
