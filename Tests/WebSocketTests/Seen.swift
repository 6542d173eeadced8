import TestSupport
import WebSocket

/// What a decoder gave, copied out of its memory.
enum Seen: Equatable {
    case text([UInt8])
    case binary([UInt8])
    case ping([UInt8])
    case pong([UInt8])
    case close(UInt16?, [UInt8])
    case failed(WebSocketError)

    init(_ event: WebSocketEvent) {
        switch event {
        case .text(let bytes): self = .text(Array(bytes))
        case .binary(let bytes): self = .binary(Array(bytes))
        case .ping(let bytes): self = .ping(Array(bytes))
        case .pong(let bytes): self = .pong(Array(bytes))
        case .close(let code, let reason): self = .close(code, Array(reason))
        }
    }

    static func text(_ text: String) -> Seen { .text(Array(text.utf8)) }
}

/// Feeds a fresh decoder piece by piece, each from memory whose neighbours cannot be read, until it fails.
func decode(_ pieces: [[UInt8]], frameBytesMax: Int = 1 << 20, messageBytesMax: Int = 1 << 20, page: GuardedPage? = nil) -> [Seen] {
    var decoder = WebSocketFrameDecoder(frameBytesMax: frameBytesMax, messageBytesMax: messageBytesMax, capacity: 64)
    var seen: [Seen] = []
    do throws(WebSocketError) {
        for piece in pieces {
            if let page {
                decoder.append(page.place(piece))
            } else {
                piece.withUnsafeBufferPointer { decoder.append($0) }
            }
            while let event = try decoder.next() { seen.append(Seen(event)) }
        }
    } catch {
        seen.append(.failed(error))
    }
    return seen
}

func drip(_ bytes: [UInt8]) -> [[UInt8]] { bytes.map { [$0] } }

/// Cuts at random places.
func pieces(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [[UInt8]] {
    var pieces: [[UInt8]] = []
    var at = 0
    while at < bytes.count {
        let size = min(1 + random.below(random.pick([2, 9, 300])), bytes.count - at)
        pieces.append(Array(bytes[at..<at + size]))
        at += size
    }
    return pieces
}
