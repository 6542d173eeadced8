import WebSocket

/// What a decoder gave, copied out of its memory, and how it ended.
struct Seen: Equatable {
    enum Event: Equatable {
        case text([UInt8])
        case binary([UInt8])
        case ping([UInt8])
        case pong([UInt8])
        case close(UInt16?, [UInt8])
    }

    private(set) var events: [Event] = []
    private(set) var error: WebSocketError?

    /// Brings the pieces to a fresh decoder; with `isSparing` through the memory that it lends for a socket's read.
    init(_ limits: (frame: Int, message: Int), _ pieces: [UnsafeBufferPointer<UInt8>], isSparing: Bool = false) {
        var decoder = WebSocketFrameDecoder(frameBytesMax: limits.frame, messageBytesMax: limits.message, capacity: 16)
        do throws(WebSocketError) {
            for piece in pieces {
                if isSparing {
                    _ = decoder.spare(piece.count + 5).update(fromContentsOf: piece)
                    decoder.commit(piece.count)
                } else {
                    decoder.append(piece)
                }
                while let event = try decoder.next() { events.append(Seen.copy(event)) }
            }
        } catch {
            self.error = error
        }
    }

    private static func copy(_ event: WebSocketEvent) -> Event {
        switch event {
        case .text(let bytes): .text(Array(bytes))
        case .binary(let bytes): .binary(Array(bytes))
        case .ping(let bytes): .ping(Array(bytes))
        case .pong(let bytes): .pong(Array(bytes))
        case .close(let code, let reason): .close(code, Array(reason))
        }
    }
}
