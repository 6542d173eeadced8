internal import JSON
internal import OpenSSL
internal import WebSocket

/// From the bytes of the server to messages, and to the end of it all.
extension WebSocketClient {
    private static let readBytesMax = 256 << 10

    /// Reads once, if everything read before is told.
    func readFrames() {
        guard isDecoded, inputEnd == nil, let transport else { return }
        let received = transport.receive(into: decoder.spare(WebSocketClient.readBytesMax))
        switch received {
        case .bytes(let count):
            decoder.commit(count)
            isDecoded = false
            lastReceivedMicros = nowMicros
        case .nothing: if let outputFault { inputEnd = .failed(outputFault) }
        case .ended, .failed: inputEnd = received
        }
    }

    /// The next message; control frames are dealt with on the way.
    func nextMessage() -> Event? {
        guard isReading else { return nil }
        do throws(WebSocketError) {
            while let event = try decoder.next() {
                switch event {
                case .text(let bytes): return .text(bytes)
                case .binary(let bytes): return .binary(bytes)
                case .pong: continue
                case .ping(let payload):
                    guard !isClosing else { continue }
                    WebSocketFrameEncoder.append(pong: payload, maskKey: maskKeys.next(), to: &output)
                    sendQueued()
                case .close(let code, let reason):
                    closeCame(code, reason)
                    return nil
                }
                guard isReading else { return nil }
            }
            isDecoded = true
        } catch {
            fail(error)
        }
        if let inputEnd, isReading { bytesEnded(inputEnd) }
        return nil
    }

    private var isClosing: Bool { if case .closing = phase { true } else { false } }

    private var isReading: Bool { isOpen || isClosing }

    private func bytesEnded(_ received: Transport.Received) {
        switch received {
        case .failed(.tls(let error)) where !Broken.isCut(error): end(.tls(error))
        case .failed(let fault): end(.broken("the connection broke without a close frame: \(Broken.text(fault))"))
        case .ended, .bytes, .nothing: end(.broken("the server ended the connection without a close frame"))
        }
    }

    /// Answers a close frame if it is not an answer itself, then waits for the server to end the connection (RFC 6455 §7.1.1).
    private func closeCame(_ code: UInt16?, _ reason: UnsafeBufferPointer<UInt8>) {
        if !isClosing { WebSocketFrameEncoder.append(closeCode: code, maskKey: maskKeys.next(), to: &output) }
        beginLingering(.closed(code: code, reason: PrintableText.line(reason, charactersMax: 123)))
    }

    /// Fails the connection (RFC 6455 §7.1.7).
    private func fail(_ error: WebSocketError) {
        if !isClosing { WebSocketFrameEncoder.append(closeCode: error.closeCode, maskKey: maskKeys.next(), to: &output) }
        beginLingering(.protocolBroken(error))
    }

    private func beginLingering(_ end: WebSocketEnd) {
        phase = .lingering(end)
        beginClosingTime()
        isDecoded = true
        if inputEnd != nil {
            flush()
            self.end(end)
        } else {
            linger(end)
        }
    }

    /// Sends what waits and drops what comes, until the server has ended the connection; closing at once might cost it our last frame.
    func linger(_ end: WebSocketEnd) {
        flush()
        let isSent = sentCount == output.count
        if case .protocolBroken = end, isSent, !isSendingEnded {
            isSendingEnded = true
            transport?.endSending()
        }
        let isOver = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: WebSocketClient.readBytesMax) { room in
            switch transport?.receive(into: room) ?? .ended {
            case .bytes: return false
            case .nothing: return outputFault != nil
            case .ended, .failed: return true
            }
        }
        if isOver { self.end(end) }
    }
}
