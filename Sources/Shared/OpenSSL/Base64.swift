/// Bytes as text of 64 letters (RFC 4648).
public enum Base64 {
    public enum Alphabet: Sendable {
        /// `+` and `/` (section 4).
        case standard
        /// `-` and `_` (section 5).
        case url

        var letters: [UInt8] {
            let shared = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
            return Array((shared + (self == .standard ? "+/" : "-_")).utf8)
        }
    }

    /// The text of `bytes`, always filled up with `=` to a multiple of four letters.
    public static func encode(_ bytes: [UInt8], _ alphabet: Alphabet = .standard) -> String {
        let letters = alphabet.letters
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var bits = group.reduce(0) { $0 << 8 | Int($1) }
            bits <<= 8 * (3 - group.count)
            for place in 0..<4 {
                text.append(place <= group.count ? letters[bits >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of `text`; nil unless it is exactly what `encode` gives: no blanks, no letter of the other alphabet, no
    /// missing `=`, no stray bits at the end (section 3.5).
    public static func decode(_ text: String, _ alphabet: Alphabet = .standard) -> [UInt8]? {
        var values = [UInt8](repeating: 64, count: 256)
        for (value, letter) in alphabet.letters.enumerated() { values[Int(letter)] = UInt8(value) }
        let input = Array(text.utf8)
        guard input.count % 4 == 0 else { return nil }
        let fill = input.suffix(2).reversed().prefix { $0 == UInt8(ascii: "=") }.count
        var bytes: [UInt8] = []
        bytes.reserveCapacity(input.count / 4 * 3)
        var bits = 0
        var bitCount = 0
        for letter in input.dropLast(fill) {
            let value = values[Int(letter)]
            guard value < 64 else { return nil }
            bits = bits << 6 | Int(value)
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                bytes.append(UInt8(bits >> bitCount))
                bits &= 1 << bitCount - 1
            }
        }
        return bits == 0 ? bytes : nil
    }
}
