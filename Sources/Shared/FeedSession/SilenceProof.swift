/// What another witness says of connections on which nothing comes.
public struct SilenceProof: Equatable, Sendable {
    /// Their books are as the witness has them: the market is quiet.
    public var quiet: [Int64] = []
    /// Things have happened that the connection has not told: it is dead, whatever it answers to pings.
    public var dead: [Int64] = []

    /// Nothing is proved.
    public static let none = SilenceProof()

    public init(quiet: [Int64] = [], dead: [Int64] = []) {
        self.quiet = quiet
        self.dead = dead
    }
}
