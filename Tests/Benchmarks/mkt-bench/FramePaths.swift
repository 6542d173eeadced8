import BenchSupport
import WebSocket

/// WebSocket frames as a socket brings them: 16 KiB at a time.
enum FramePaths {
    static var all: [HotPath] {
        [
            path("text_100", payloadBytes: 100, fragments: 1), path("text_700", payloadBytes: 700, fragments: 1),
            path("text_20000", payloadBytes: 20_000, fragments: 1), path("text_700_fragmented", payloadBytes: 700, fragments: 4),
        ]
    }

    private static let pieceBytes = 1 << 14

    private static func path(_ name: String, payloadBytes: Int, fragments: Int) -> HotPath {
        let count = max(100, 1_000_000 / payloadBytes)
        let corpus = Once { (0..<count).flatMap { message($0, payloadBytes, fragments) } }
        return HotPath("websocket/\(name)/small") {
            let bytes = corpus.value
            return HotRun(lines: count, expected: count * payloadBytes) {
                var decoder = WebSocketFrameDecoder()
                var sum = 0
                try bytes.withUnsafeBufferPointer { bytes in
                    var rest = bytes[...]
                    while !rest.isEmpty {
                        decoder.append(UnsafeBufferPointer(rebasing: rest.prefix(pieceBytes)))
                        rest = rest.dropFirst(pieceBytes)
                        while case .text(let text)? = try decoder.next() { sum += text.count }
                    }
                }
                return sum
            }
        }
    }

    /// A message of printable text in unmasked frames (RFC 6455 §5.2).
    private static func message(_ number: Int, _ payloadBytes: Int, _ fragments: Int) -> [UInt8] {
        let text = (0..<payloadBytes).map { UInt8(0x20 + (number + $0) % 0x5F) }
        let size = payloadBytes / fragments
        return (0..<fragments).flatMap { index in
            let part = text[index * size..<(index == fragments - 1 ? payloadBytes : (index + 1) * size)]
            let opcode: UInt8 = index == 0 ? 1 : 0
            return [opcode | (index == fragments - 1 ? 0x80 : 0)] + length(part.count) + part
        }
    }

    private static func length(_ count: Int) -> [UInt8] {
        count < 126 ? [UInt8(count)] : [126, UInt8(count >> 8), UInt8(count & 0xFF)]
    }
}
