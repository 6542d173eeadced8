internal import JSON
internal import WebSocket

/// The beginning of the body of a refusal, as long as it says why (RFC 9112 §6.3, §7.1).
struct RefusalBody: ~Copyable {
    private static let bytesMax = 64 << 10
    private static let charactersMax = 500

    private let length: WebSocketRefusal.Body
    private var bytes = ByteBuffer()

    init(_ length: WebSocketRefusal.Body) { self.length = length }

    mutating func append(_ more: UnsafeBufferPointer<UInt8>) { bytes.append(more) }

    /// Nothing is to come that would be told.
    var isComplete: Bool {
        if bytes.count >= RefusalBody.bytesMax { return true }
        return switch length {
        case .bytes(let count): bytes.count >= count
        case .chunked: RefusalBody.unchunked(bytes.bytes).isComplete
        case .untilClose: false
        }
    }

    /// The first 500 characters, printable.
    var text: String {
        switch length {
        case .bytes(let count): PrintableText.line(bytes.bytes.prefix(Int(clamping: count)), charactersMax: RefusalBody.charactersMax)
        case .chunked: PrintableText.line(RefusalBody.unchunked(bytes.bytes).bytes, charactersMax: RefusalBody.charactersMax)
        case .untilClose: PrintableText.line(bytes.bytes, charactersMax: RefusalBody.charactersMax)
        }
    }

    /// What the chunks hold; complete also if what follows is no chunk. Their extensions and the trailer are passed over.
    private static func unchunked(_ coded: UnsafeBufferPointer<UInt8>) -> (bytes: [UInt8], isComplete: Bool) {
        var bytes: [UInt8] = []
        var rest = coded[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let digits = rest[..<end].prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: " ") }
            guard digits.count <= 8, let count = Int(String(decoding: digits, as: UTF8.self), radix: 16), count > 0 else {
                return (bytes, true)
            }
            rest = rest[(end + 1)...]
            bytes += rest.prefix(count)
            rest = rest.dropFirst(count + 2)
        }
        return (bytes, false)
    }
}
