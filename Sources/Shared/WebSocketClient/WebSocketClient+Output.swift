internal import JSON
internal import OpenSSL
internal import WebSocket

/// What goes to the server.
extension WebSocketClient {
    /// Queues a text message, which must be UTF-8; sends what the socket takes at once.
    ///
    /// Only after `opened`. When the connection is ending the message is lost, as `ended` will tell.
    public func send(text: UnsafeBufferPointer<UInt8>) {
        guard maySend() else { return }
        WebSocketFrameEncoder.append(text: text, maskKey: maskKeys.next(), to: &output)
        sendQueued()
    }

    /// Queues a text message; sends what the socket takes at once.
    public func send(text: String) {
        var text = text
        text.withUTF8 { send(text: $0) }
    }

    /// Queues a binary message; sends what the socket takes at once.
    public func send(binary: UnsafeBufferPointer<UInt8>) {
        guard maySend() else { return }
        WebSocketFrameEncoder.append(binary: binary, maskKey: maskKeys.next(), to: &output)
        sendQueued()
    }

    /// Queues an empty ping; its pong moves `lastReceivedMicros`.
    public func ping() {
        guard maySend() else { return }
        WebSocketFrameEncoder.append(ping: UnsafeBufferPointer(start: nil, count: 0), maskKey: maskKeys.next(), to: &output)
        sendQueued()
    }

    /// Sends a close frame and waits for the answer, up to `closeMicrosMax`, while messages still come.
    ///
    /// Then the connection ends as `closed`, or as `timedOut` without an answer. One that is not open yet ends at once as `broken`.
    public func close(code: UInt16?) {
        switch phase {
        case .open:
            WebSocketFrameEncoder.append(closeCode: code, maskKey: maskKeys.next(), to: &output)
            phase = .closing
            beginClosingTime()
            flush()
        case .closing, .lingering, .ended: break
        default: end(.broken("closed from this side before the connection was open"))
        }
    }

    private func maySend() -> Bool {
        switch phase {
        case .open: return true
        case .closing, .lingering, .ended: return false
        default: preconditionFailure("messages are sent after the event opened")
        }
    }

    /// Sends what the socket takes now; a server that does not read is not waited for without end.
    func sendQueued() {
        flush()
        guard output.count - sentCount > limits.sendBytesMax else { return }
        end(.broken("the server reads too slowly: more than \(limits.sendBytesMax) bytes wait to be sent"))
    }

    /// Sends what the socket takes.
    func flush() {
        while sentCount < output.count, outputFault == nil, let transport {
            switch transport.send(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: output.bytes[sentCount...]))) {
            case .bytes(let count): sentCount += count
            case .blocked: return dropSent()
            case .failed(let fault): outputFault = fault
            }
        }
        output.removeAll()
        sentCount = 0
    }

    /// Gives memory back to the queue once half of it has gone.
    private func dropSent() {
        guard sentCount > output.count / 2 else { return }
        output.removeFirst(sentCount)
        sentCount = 0
    }
}
