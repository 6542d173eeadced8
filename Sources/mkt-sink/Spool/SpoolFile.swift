import MarketModel

/// A file of the log, known by the number of its first line.
struct SpoolFile {
    private static let suffix = ".ndjson"
    private static let digitCount = 20

    let firstNumber: Int64
    var bytes: Int64

    /// `00000000000000012345.ndjson`: names sort as numbers do.
    static func name(_ firstNumber: Int64) -> String { CivilTime.padded(firstNumber, digitCount) + suffix }

    /// The number in a name; nil for the name of another file.
    static func firstNumber(of name: String) -> Int64? {
        guard name.hasSuffix(suffix), name.utf8.count == digitCount + suffix.utf8.count,
            let number = Int64(name.dropLast(suffix.utf8.count)),
            number >= 0, SpoolFile.name(number) == name
        else { return nil }
        return number
    }
}
