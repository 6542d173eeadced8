internal import WebSocket

/// What a proxy says to the wish for a tunnel.
extension WebSocketClient {
    func proxyEnded(_ received: Transport.Received) {
        let reason = if case .failed(let fault) = received { ": \(Broken.text(fault))" } else { "" }
        end(.proxy("the proxy \(proxy.map(\.description) ?? "") ended the connection before it made a tunnel\(reason)"))
    }

    /// Every answer of 2xx opens the tunnel, and has no body (RFC 9110 §9.3.6).
    func answerOfProxy() {
        guard let proxy else { return }
        let target = "\(address.bracketedHost):\(address.port)"
        do throws(WebSocketHandshakeError) {
            guard case .refused(let answer) = try handshake?.next() else { return }
            guard !(200...299).contains(answer.status) else {
                let isClean = handshake?.rest.isEmpty == true
                handshake = nil
                return isClean ? connected() : end(.proxy("the proxy \(proxy) sent bytes of its own into the tunnel to \(target)"))
            }
            let phrase = PrintableText.line(answer.phrase, charactersMax: 80)
            let hint = answer.status == 407 ? ", it wants a name and a password, or others" : ""
            end(.proxy("the proxy \(proxy) refused a tunnel to \(target) with HTTP \(answer.status) \(phrase)\(hint)"))
        } catch {
            end(.proxy("the proxy \(proxy) made no tunnel to \(target): \(error)"))
        }
    }
}
