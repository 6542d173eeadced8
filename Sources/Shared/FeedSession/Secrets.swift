public import JSON

/// What no recording, log, line or reject may hold, each with a stand-in that is told in its place.
///
/// A venue may repeat what it was told (Polymarket the API key, in every own order). It is masked where it comes in, before anything else
/// has seen it: recorder, venue, rejects and logs get the same bytes, so a replay, which knows no secret, gives the run's lines again.
///
/// A secret is found in any mix of JSON's spellings (`\u0041`, `\/`, escaped twice over) and in either case, since ids are the same in both.
/// One that a length limit has cut off at the end of the text is found from its first `cutBytesMin` bytes on.
public struct Secrets: Sendable {
    /// Shorter ones are not masked: they may stand in data by chance, and masking them would spoil it.
    public static let bytesMin = 16
    private static let cutBytesMin = 8

    private struct Secret: Sendable {
        /// In lower case.
        let bytes: [UInt8]
        let standIn: [UInt8]
    }

    /// The longest first, since one may be the beginning of another.
    private let secrets: [Secret]
    /// By byte: whether a secret, or the escape of its first byte, may begin so.
    private let mayBegin: [Bool]

    public static let none = Secrets([])

    /// - Parameter pairs: secrets in ASCII; a stand-in is as long as its secret, and has nothing that JSON escapes.
    public init(_ pairs: [(secret: String, standIn: String)]) {
        secrets = pairs.filter { $0.secret.utf8.count >= Secrets.bytesMin }.map {
            precondition($0.standIn.utf8.count == $0.secret.utf8.count, "a stand-in is as long as its secret")
            return Secret(bytes: $0.secret.utf8.map(Secrets.lowered), standIn: Array($0.standIn.utf8))
        }.sorted { $0.bytes.count > $1.bytes.count }
        let firsts = Set(secrets.map { $0.bytes[0] } + [UInt8(ascii: "\\")])
        mayBegin = (0...255).map { firsts.contains(Secrets.lowered($0)) }
    }

    /// Nothing of the secret, not even a hash, which would let a word be guessed.
    public static func stars(_ secret: String) -> (secret: String, standIn: String) {
        (secret, String(repeating: "*", count: secret.utf8.count))
    }

    public var isEmpty: Bool { secrets.isEmpty }

    // MARK: Masking

    /// The text without secrets: itself where it has none, else a copy in `buffer`, valid until that is used again.
    public func mask(_ text: JSONText, _ buffer: inout ByteBuffer) -> JSONText {
        if isEmpty { return text }
        let bytes = text.bytes
        var (at, copied) = (0, 0)
        while at < bytes.count {
            guard mayBegin[Int(bytes[at])] else {
                at += 1
                continue
            }
            if let (end, standIn) = find(bytes, at) {
                if copied == 0 {
                    buffer.removeAll()
                    buffer.giveBack()
                }
                buffer.append(UnsafeBufferPointer(rebasing: bytes[copied..<at]))
                standIn.withUnsafeBufferPointer { buffer.append($0) }
                (at, copied) = (end, end)
            } else {
                // What a run of backslashes escapes is the same for each of them.
                at = max(at + 1, Secrets.endOfBackslashes(bytes, at))
            }
        }
        guard copied > 0 else { return text }
        buffer.append(UnsafeBufferPointer(rebasing: bytes[copied...]))
        return JSONText(base: buffer.text.base, count: buffer.count, hasEscapes: text.hasEscapes)
    }

    /// The same for words that are told.
    public func mask(_ words: String) -> String {
        if isEmpty { return words }
        var words = words
        var buffer = ByteBuffer()
        return words.withUTF8 { String(decoding: mask(JSONText($0), &buffer).bytes, as: UTF8.self) }
    }

    private func find(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> (end: Int, standIn: ArraySlice<UInt8>)? {
        var cut: (end: Int, standIn: ArraySlice<UInt8>)?
        for secret in secrets {
            var (at, matched) = (start, 0)
            while matched < secret.bytes.count, let next = Secrets.end(of: secret.bytes[matched], bytes, at) {
                (at, matched) = (next, matched + 1)
            }
            if matched == secret.bytes.count { return (at, secret.standIn[...]) }
            if at == bytes.count, matched >= Secrets.cutBytesMin { cut = cut ?? (at, secret.standIn.prefix(matched)) }
        }
        return cut
    }

    // MARK: Spellings

    /// Where the spelling of `wanted` that begins at `at` ends; nil if something else stands there.
    private static func end(of wanted: UInt8, _ bytes: UnsafeBufferPointer<UInt8>, _ at: Int) -> Int? {
        guard at < bytes.count else { return nil }
        if lowered(bytes[at]) == wanted { return at + 1 }
        let escaped = endOfBackslashes(bytes, at)
        guard escaped > at, escaped < bytes.count else { return nil }
        if bytes[escaped] == UInt8(ascii: "u"), let code = code(bytes, escaped + 1), code < 0x80, lowered(UInt8(code)) == wanted {
            return escaped + 5
        }
        return lowered(bytes[escaped]) == wanted ? escaped + 1 : nil
    }

    /// Backslashes are as many as the JSON texts that were put into each other want.
    private static func endOfBackslashes(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
        var at = start
        while at < bytes.count, bytes[at] == UInt8(ascii: "\\") { at += 1 }
        return at
    }

    /// Four hex digits.
    private static func code(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> UInt32? {
        guard start + 4 <= bytes.count else { return nil }
        var code: UInt32 = 0
        for byte in bytes[start..<start + 4] {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): code = code << 4 | UInt32(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"):
                code = code << 4 | UInt32(lowered(byte) - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return code
    }

    private static func lowered(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}

extension SocketTrouble {
    /// The same without secrets: a close frame or a refusal may repeat them.
    func masked(by secrets: Secrets) -> SocketTrouble {
        secrets.isEmpty ? self : SocketTrouble(kind, secrets.mask(words), code: code, retryAfterMicros: retryAfterMicros)
    }
}
