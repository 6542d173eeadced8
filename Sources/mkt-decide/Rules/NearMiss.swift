/// How little may be missing for `--explain` to speak of it.
enum NearMiss {
    /// A price this near to a level, in millionths.
    static let priceMillionths: Int64 = 20_000

    /// Whether a value reaches at least four fifths of what was wanted.
    static func isNear<Value: FixedWidthInteger>(_ value: Value, to wanted: Value) -> Bool {
        // Divided, not multiplied: what is wanted may be near the end of its type.
        value >= wanted - wanted / 5
    }
}
