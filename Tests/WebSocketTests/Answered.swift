import WebSocket

/// What a handshake said, and what it kept.
struct Answered: Equatable {
    var answer: WebSocketAnswer?
    var error: WebSocketHandshakeError?
    var rest: [UInt8] = []
    var bodyOffset: Int?
}

/// Feeds a fresh handshake piece by piece; all pieces are brought, as a socket's driver might, also behind the answer.
func answer(_ pieces: [[UInt8]], headBytesMax: Int = 64 << 10) -> Answered {
    var handshake = WebSocketHandshake(random: Responses.nonce, headBytesMax: headBytesMax)
    var answered = Answered()
    do throws(WebSocketHandshakeError) {
        for piece in pieces {
            piece.withUnsafeBufferPointer { handshake.append($0) }
            answered.answer = try handshake.next()
        }
    } catch {
        answered.error = error
    }
    answered.rest = Array(handshake.rest)
    answered.bodyOffset = handshake.bodyOffset
    return answered
}

func answer(_ text: String) -> Answered { answer([Array(text.utf8)]) }
