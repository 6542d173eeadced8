import MarketModel

/// A target that shows what events come to, rather than keep the rows that stand for them.
protocol EventFollower: Target {
    /// Takes a line; it was checked like those of other targets, and may be of a type that this version does not know.
    func follow(_ decoder: borrowing EventDecoder) throws
    /// A line was left out: it is no event. What can be read of it may still tell that something is not known any more.
    func skip(_ decoder: borrowing EventDecoder) throws
    /// A line was left out that was not even read.
    func skip()
}
