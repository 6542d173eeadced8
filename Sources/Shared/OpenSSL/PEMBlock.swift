/// The first block of a PEM text (RFC 7468), read leniently: people paste keys through environment variables and chats.
///
/// A literal `\n` or `\r` counts as a line's end, and blanks count for nothing.
struct PEMBlock: ~Copyable {
    /// What stands behind BEGIN, such as `PRIVATE KEY`.
    let label: String
    /// Nil if the block has no end or is not base64; also if it has headers, as an encrypted one has.
    let bytes: [UInt8]?
    /// The key inside is encrypted, by the label or by RFC 1421's headers.
    let isEncrypted: Bool

    init?(_ text: String) {
        let text = PEMBlock.unescaped(Array(text.utf8))
        guard let begin = PEMBlock.range(of: "-----BEGIN ", in: text[...]),
            let beginEnd = PEMBlock.range(of: "-----", in: text[begin.upperBound...])
        else { return nil }
        let label = String(decoding: text[begin.upperBound..<beginEnd.lowerBound], as: UTF8.self)
        guard label.count <= 40, !label.contains(where: \.isNewline) else { return nil }
        self.label = label
        let end = PEMBlock.range(of: "-----END \(label)-----", in: text[beginEnd.upperBound...])
        let body = text[beginEnd.upperBound..<(end?.lowerBound ?? text.endIndex)]
        isEncrypted = label == "ENCRYPTED PRIVATE KEY" || PEMBlock.range(of: "Proc-Type: 4,ENCRYPTED", in: body) != nil
        let letters = body.filter { $0 > UInt8(ascii: " ") }
        bytes = end == nil ? nil : Base64.decode(String(decoding: letters, as: UTF8.self))
    }

    private static func unescaped(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            let next = index + 1 < text.count ? text[index + 1] : 0
            if text[index] == UInt8(ascii: "\\"), next == UInt8(ascii: "n") || next == UInt8(ascii: "r") {
                result.append(UInt8(ascii: "\n"))
                index += 2
            } else {
                result.append(text[index])
                index += 1
            }
        }
        return result
    }

    private static func range(of word: String, in text: ArraySlice<UInt8>) -> Range<Int>? {
        let word = Array(word.utf8)
        guard text.count >= word.count else { return nil }
        for start in text.startIndex...(text.endIndex - word.count) where text[start..<start + word.count].elementsEqual(word) {
            return start..<start + word.count
        }
        return nil
    }
}
