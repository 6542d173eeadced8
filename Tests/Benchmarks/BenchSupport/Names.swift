/// What venues call questions and outcomes, in their spellings and lengths.
public enum Names {
    /// A Polymarket token: 77 digits.
    public static func token(_ question: Int, isYes: Bool) -> [UInt8] {
        var chance = Chance(seed: UInt64(question) * 2 + (isYes ? 1 : 2))
        return [UInt8(ascii: "7")] + (0..<76).map { _ in UInt8(ascii: "0") + UInt8(chance.below(10)) }
    }

    /// A Polymarket condition: 64 hex digits.
    public static func condition(_ question: Int) -> [UInt8] {
        var chance = Chance(seed: UInt64(question) + 0xC0D1)
        return Array("0x".utf8) + hex(64, &chance)
    }

    public static func ticker(_ question: Int) -> [UInt8] { Array("KXBENCH-26SEP25-T\(10_000 + question)".utf8) }

    public static func slug(_ question: Int) -> [UInt8] { Array("will-it-be-above-\(10_000 + question)".utf8) }

    /// Three questions make an event.
    public static func event(_ question: Int) -> [UInt8] { Array("who-wins-\(question / 3)".utf8) }

    public static func hex(_ count: Int, _ chance: inout Chance) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return (0..<count).map { _ in digits[chance.below(16)] }
    }

    /// A UUID of a trade.
    public static func uuid(_ chance: inout Chance) -> [UInt8] {
        let hex = hex(32, &chance)
        let parts = [hex[0..<8], hex[8..<12], hex[12..<16], hex[16..<20], hex[20..<32]]
        return Array(parts.joined(separator: [UInt8(ascii: "-")]))
    }
}
