internal import JSON
internal import OpenSSL
internal import WebSocket

/// From the name to the answer of the server.
extension WebSocketClient {
    private static let readBytesMax = 16 << 10
    private static let bodyMicrosMax: Int64 = 1_000_000

    func lookUp(_ resolve: @escaping NameLookup.Resolve) {
        let (host, port) = proxy.map { ($0.host, $0.port) } ?? (address.host, address.port)
        if let literal = NameLookup.literal(host, port: port) {
            resolved(literal)
        } else if let lookup = NameLookup(host, port: port, resolve: resolve) {
            phase = .resolving(lookup)
        } else {
            resolved(.failed(reason: "the system has no thread or no descriptor left for it", isTemporary: true))
        }
    }

    /// Goes on as far as it can.
    func advanceOpening() {
        switch phase {
        case .resolving(let lookup):
            if let outcome = lookup.outcome { resolved(outcome) }
        case .dialling(let dialler): dial(dialler)
        case .tunnelling:
            readAnswer {
                proxyEnded($0)
            } answer: {
                answerOfProxy()
            }
        case .securing: secure()
        case .upgrading:
            readAnswer {
                serverEnded($0)
            } answer: {
                answerOfServer()
            }
        case .refused(let refusal): readBody(refusal)
        case .open, .closing, .lingering, .ended: break
        }
    }

    private func resolved(_ outcome: NameLookup.Outcome) {
        switch outcome {
        case .found(let addresses):
            let dialler = Dialler(SocketAddress.interleaved(addresses), at: nowMicros)
            phase = .dialling(dialler)
            dial(dialler)
        case .failed(let reason, let isTemporary):
            if let proxy {
                end(.proxy("the name of the proxy \(proxy) cannot be resolved: \(reason)"))
            } else {
                end(.unresolved(host: address.host, reason: reason, isTemporary: isTemporary))
            }
        }
    }

    private func dial(_ dialler: Dialler) {
        switch dialler.advance(at: nowMicros) {
        case .waiting: return
        case .failed: unreachable(dialler.reason())
        case .connected(let descriptor):
            transport = Transport(descriptor)
            guard let proxy else { return connected() }
            output.append(utf8: proxy.request(to: address))
            awaitAnswer(.tunnelling, WebSocketHandshake(random: SecureRandom().bytes(16)))
        }
    }

    func unreachable(_ reason: String) {
        if let proxy {
            end(.proxy("the proxy \(proxy) cannot be reached: \(reason)"))
        } else {
            end(.unreachable("\(address.bracketedHost):\(address.port) cannot be reached: \(reason)"))
        }
    }

    /// Bytes go to the server and come from it.
    func connected() {
        guard address.isSecure, let tls, let transport else { return upgrade() }
        do throws(TLSError) {
            try transport.secure(tls, hostName: address.host)
            phase = .securing
            secure()
        } catch {
            end(.tls(error))
        }
    }

    private func secure() {
        guard let transport else { return }
        do throws(TLSError) {
            if try transport.handshake() { upgrade() }
        } catch {
            end(.tls(error))
        }
    }

    private func upgrade() {
        let handshake = WebSocketHandshake(random: SecureRandom().bytes(16))
        handshake.appendRequest(request, to: &output)
        awaitAnswer(.upgrading, consume handshake)
    }

    private func awaitAnswer(_ phase: Phase, _ handshake: consuming WebSocketHandshake) {
        self.handshake = consume handshake
        self.phase = phase
        flush()
    }

    /// Brings bytes to the handshake; `answer` looks whether it is complete.
    private func readAnswer(ended: (Transport.Received) -> Void, answer: () -> Void) {
        flush()
        let received = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: WebSocketClient.readBytesMax) { room in
            let received = transport?.receive(into: room) ?? .ended
            if case .bytes(let count) = received { handshake?.append(UnsafeBufferPointer(rebasing: room[..<count])) }
            return received
        }
        switch received {
        case .bytes:
            lastReceivedMicros = nowMicros
            answer()
        case .nothing: if let outputFault { ended(.failed(outputFault)) }
        case .ended, .failed: ended(received)
        }
    }

    private func serverEnded(_ received: Transport.Received) {
        if case .failed(.tls(let error)) = received, !Broken.isCut(error) { return end(.tls(error)) }
        let reason = if case .failed(let fault) = received { ": \(Broken.text(fault))" } else { "" }
        end(.broken("the server ended the connection before it answered the upgrade\(reason)"))
    }

    private func answerOfServer() {
        do throws(WebSocketHandshakeError) {
            guard let answer = try handshake?.next() else { return }
            serverDateMicros = handshake?.dateMicros
            switch answer {
            case .accepted: open()
            case .refused(let refusal):
                refusalBody = RefusalBody(refusal.body)
                if let rest = handshake?.rest { refusalBody.append(rest) }
                phase = .refused(refusal)
                phaseDeadlineMicros = nowMicros + WebSocketClient.bodyMicrosMax
                if refusalBody.isComplete { end(.refused(refusal, body: refusalBody.text)) }
            }
        } catch {
            serverDateMicros = handshake?.dateMicros
            end(.handshake(error))
        }
    }

    private func open() {
        if let rest = handshake?.rest, !rest.isEmpty {
            decoder.append(rest)
            isDecoded = false
        }
        handshake = nil
        phase = .open
        phaseDeadlineMicros = nil
        isOpeningUntold = true
    }

    private func readBody(_ refusal: WebSocketRefusal) {
        let isOver = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: WebSocketClient.readBytesMax) { room in
            switch transport?.receive(into: room) ?? .ended {
            case .bytes(let count):
                refusalBody.append(UnsafeBufferPointer(rebasing: room[..<count]))
                return refusalBody.isComplete
            case .nothing: return false
            case .ended, .failed: return true
            }
        }
        if isOver { end(.refused(refusal, body: refusalBody.text)) }
    }
}
