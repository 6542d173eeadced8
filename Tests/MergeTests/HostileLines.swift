import TestSupport

/// Random lines: of our writers, of other legal writers, and of nobody.
struct HostileLines {
    var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    /// A legal line, most often with a whole `recv_us`.
    mutating func legal() -> String {
        switch random.below(4) {
        case 0: canonical()
        case 1: canonical(tail: true)
        default: scrambled()
        }
    }

    /// A line as our writers print it; with `tail`, keys follow that want to be taken for the envelope.
    mutating func canonical(tail: Bool = false) -> String {
        var line = "{\"v\":1,\"type\":\"\(plainText())\",\"feed\":\"\(plainText())\",\"venue\":\"\(plainText())\""
        if !random.chance(3) { line += ",\"market\":\"\(plainText())\",\"instrument\":\"\(plainText())\"" }
        if random.chance(2) { line += ",\"label\":\"\(plainText())\"" }
        if random.chance(2) { line += ",\"conn\":\(random.below(100))" }
        if random.chance(2) { line += ",\"seq\":\(random.below(1000))" }
        line += ",\"recv_us\":\(random.chance(3) ? number() : String(1_790_000_000_000_000 + random.below(1_000_000_000)))"
        if random.chance(2) { line += ",\"venue_us\":\(random.below(1_000_000))" }
        if random.chance(2) { line += ",\"bids\":[[0.5,\(random.below(99))],[0.4,1]],\"asks\":[]" }
        if tail { for _ in 0..<random.below(3) { line += ",\(member(depth: 0))" } }
        return line + "}" + (random.chance(8) ? "\r" : "")
    }

    /// Any keys in any order, blanks anywhere, keys said twice or spelled with escapes, envelopes inside values.
    private mutating func scrambled() -> String {
        var members = (0..<random.below(5)).map { _ in member(depth: 0) }
        for _ in 0..<(1 + random.below(2)) where !random.chance(20) { members.append(pair("recv_us", integer())) }
        if random.chance(2) { members.append(pair("type", "\"trade\"")) }
        members.shuffle(using: &random)
        return blank() + "{" + blank() + members.joined(separator: blank() + "," + blank()) + blank() + "}" + blank()
    }

    private mutating func member(depth: Int) -> String {
        let keys = ["recv_us", "type", "market", "instrument", "recv_u", "recv_us ", "v", "venue_us", "label", "", "typ", "bids"]
        return pair(random.pick(keys), value(depth: depth))
    }

    private mutating func pair(_ key: String, _ value: String) -> String { quoted(key) + blank() + ":" + blank() + value }

    private mutating func value(depth: Int) -> String {
        switch random.below(depth > 3 ? 5 : 8) {
        case 0: return number()
        case 1: return quoted(random.pick(["trade", "123", "1e3", "recv_us", "\"recv_us\":5", "}", "]{", "\\", "é😀\u{7F}", "KX-1", ""]))
        case 2: return random.pick(["null", "true", "false"])
        case 3: return integer()
        case 4: return "\"\(number())\""
        case 5:
            let elements = (0..<random.below(4)).map { _ in value(depth: depth + 1) }
            return "[" + blank() + elements.joined(separator: ",") + blank() + "]"
        default:
            let members = (0..<random.below(4)).map { _ in member(depth: depth + 1) }
            return "{" + blank() + members.joined(separator: "," + blank()) + "}"
        }
    }

    /// A whole number in some spelling.
    private mutating func integer() -> String {
        let digits = String(random.below(Int.max >> random.below(60)))
        switch random.below(6) {
        case 0: return "\"\(digits)\""
        case 1: return digits + ".0"
        case 2: return "\(random.below(100_000))e\(random.below(12))"
        case 3: return "-" + digits
        default: return digits
        }
    }

    /// A number, whole or not, in range or not.
    private mutating func number() -> String {
        let forms = [
            "0", "-0", "0.0", "1.5", "1e3", "1E+3", "12e-1", "120e-1", "1.790267321911204e15", "9223372036854775807",
            "9223372036854775808", "-9223372036854775807", "99999999999999999999", "1e400", "1e-400", "0e5", "000000000000000001e0",
        ]
        return random.chance(2) ? String(random.below(1_000_000)) : random.pick(forms.dropLast())
    }

    /// Text as a JSON string, some characters escaped that need not be.
    private mutating func quoted(_ text: String) -> String {
        var result = "\""
        let isEscaping = random.chance(3)
        for scalar in text.unicodeScalars {
            let isForced = scalar == "\"" || scalar == "\\" || scalar.value < 0x20
            guard isForced || (isEscaping && random.chance(3)) else {
                result.unicodeScalars.append(scalar)
                continue
            }
            for unit in String(scalar).utf16 {
                let hex = String(unit, radix: 16, uppercase: random.chance(2))
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            }
        }
        return result + "\""
    }

    private mutating func blank() -> String {
        random.chance(6) ? random.pick([" ", "\t", "\r", "  "]) : ""
    }

    /// Text without quotes and escapes, of lengths around the widths that are read at once.
    private mutating func plainText() -> String {
        let alphabet = Array("abcdefgpyruvk_0123456789{}[]:,.-/é")
        return String((0..<random.below(40)).map { _ in random.pick(alphabet) })
    }

    /// A line with some bytes changed, cut or said twice.
    mutating func broken() -> [UInt8] {
        var bytes = Array(legal().utf8)
        for _ in 0...random.below(3) where !bytes.isEmpty {
            let at = random.below(bytes.count)
            switch random.below(5) {
            case 0: bytes[at] = UInt8(random.below(256))
            case 1: bytes.remove(at: at)
            case 2: bytes.removeSubrange(at...)
            case 3: bytes.insert(random.pick(Array("\"\\{}[]:,0 ".utf8)), at: at)
            default: bytes.insert(contentsOf: Array(legal().utf8), at: at)
            }
        }
        return bytes
    }
}
