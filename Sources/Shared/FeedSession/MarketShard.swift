/// `--shard K/N`: the part of all markets that this process takes, by a hash that every process computes alike.
public struct MarketShard: Equatable, Sendable {
    public let number: UInt64
    public let count: UInt64

    public static let whole = MarketShard(number: 1, count: 1)

    private init(number: UInt64, count: UInt64) {
        self.number = number
        self.count = count
    }

    /// Reads `K/N`, K from 1 to N.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = UInt64(parts[0]), let count = UInt64(parts[1]), number >= 1, number <= count,
            count <= 10_000
        else {
            return nil
        }
        self.init(number: number, count: count)
    }

    /// Whether a market (or whatever was asked for by itself) falls into it, by its name.
    public func includes(_ name: String) -> Bool { MarketShard.hash(name) % count == number - 1 }

    /// FNV-1a of 64 bits.
    private static func hash(_ name: String) -> UInt64 {
        name.utf8.reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
    }
}
