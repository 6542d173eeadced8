public import MarketModel

extension Timestamp? {
    /// The earlier of two moments; nil is never.
    public static func earliest(_ left: Timestamp?, _ right: Timestamp?) -> Timestamp? {
        guard let left else { return right }
        guard let right else { return left }
        return min(left, right)
    }
}
