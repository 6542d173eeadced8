/// Characters and lists of HTTP headers (RFC 9110 §5.6).
enum HTTPText {
    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        default: false
        }
    }

    /// A name of a header or an option (§5.6.2).
    static func isToken(_ bytes: some Collection<UInt8>) -> Bool {
        let marks = "!#$%&'*+-.^_`|~".utf8
        return !bytes.isEmpty && bytes.allSatisfy { isAlphanumeric($0) || marks.contains($0) }
    }

    /// The bytes without blanks and tabs around them (§5.6.3).
    static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        guard let first = bytes.firstIndex(where: { !isBlank($0) }), let last = bytes.lastIndex(where: { !isBlank($0) }) else { return [] }
        return bytes[first...last]
    }

    /// The members of a list with commas, in lower case; empty ones do not count (§5.6.1).
    static func list(_ value: String) -> [String] {
        Array(value.utf8).split(separator: UInt8(ascii: ",")).compactMap { member in
            let member = trimmed(member)
            return member.isEmpty ? nil : String(decoding: member, as: UTF8.self).lowercased()
        }
    }

    /// A number of decimal digits only; nil beyond Int64.
    static func digits(_ text: some StringProtocol) -> Int64? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int64(text) : nil
    }
}
