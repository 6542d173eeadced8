public import MarketModel

/// Books of questions that never were, and what happens in them: the same for the same seed.
///
/// Prices are whole cents. A question's middle stays where it is, levels around it come and go: so both outcomes of a market, linked
/// markets and the outcomes of an event fit together, and findings are rare, as they are.
public struct Exchange {
    /// Levels that a side may have, one a cent.
    private static let depth = 14
    private static let middles = [50, 30, 19]

    public let questions: Int
    public private(set) var chance: Chance
    /// Hundredths of a share by question, side and distance from the middle; zero where nothing rests.
    private var sizes: [Int64]

    public init(_ size: CorpusSize, seed: UInt64) {
        questions = size.questions
        chance = Chance(seed: seed)
        sizes = []
        for _ in 0..<questions * 2 * Exchange.depth { sizes.append(0) }
        for index in sizes.indices { sizes[index] = fresh(index % Exchange.depth) }
    }

    /// The deepest level of a side always rests: a one-sided book is another story.
    private mutating func fresh(_ distance: Int) -> Int64 {
        chance.oneIn(5) && distance < Exchange.depth - 1 ? 0 : Int64(100 + chance.below(99_900))
    }

    /// A question by chance; some are far more active than others.
    public mutating func question() -> Int { min(chance.below(questions), chance.below(questions)) }

    private func price(_ question: Int, _ side: Side, _ distance: Int) -> Int64 {
        let middle = Exchange.middles[question % 3]
        return Int64(side == .bid ? middle - 1 - distance : middle + 1 + distance)
    }

    /// Sets one level of a question anew; nearer ones more often. Gives it, and what rested there in millionths.
    public mutating func change(_ question: Int) -> (side: Side, level: Level, before: Int64) {
        let side: Side = chance.oneIn(2) ? .bid : .ask
        let distance = min(chance.below(Exchange.depth), chance.below(Exchange.depth))
        let place = (question * 2 + (side == .bid ? 0 : 1)) * Exchange.depth + distance
        let size = fresh(distance)
        let before = sizes[place]
        sizes[place] = size
        return (side, Level(price(question, side, distance) * 10_000, size * 10_000), before * 10_000)
    }

    /// What rests on a side, best first.
    public func levels(_ question: Int, _ side: Side) -> [Level] {
        let start = (question * 2 + (side == .bid ? 0 : 1)) * Exchange.depth
        return (0..<Exchange.depth).compactMap { distance in
            let size = sizes[start + distance]
            return size == 0 ? nil : Level(price(question, side, distance) * 10_000, size * 10_000)
        }
    }

    public func best(_ question: Int, _ side: Side) -> Level? { levels(question, side).first }

    /// The levels of the other outcome: what is bid for one is asked for the other.
    public static func mirrored(_ levels: [Level]) -> [Level] {
        levels.map { Level(price: $0.price.complement, size: $0.size) }
    }

    /// The same number for every caller's use, in step with the other numbers.
    public mutating func below(_ count: Int) -> Int { chance.below(count) }

    /// A size of hundredths.
    public mutating func size() -> Int64 { Int64(100 + chance.below(99_900)) * 10_000 }
}
