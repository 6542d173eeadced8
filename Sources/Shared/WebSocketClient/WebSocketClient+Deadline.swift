/// When a phase has lasted too long.
extension WebSocketClient {
    /// What was awaited has not come.
    func runOutOfTime() {
        let inTime = within(limits.openMicrosMax)
        switch phase {
        case .resolving:
            if let proxy { return end(.proxy("the name of the proxy \(proxy) cannot be resolved: no answer \(inTime)")) }
            end(.unresolved(host: address.host, reason: "no answer \(inTime)", isTemporary: true))
        case .dialling(let dialler): unreachable(dialler.reason(waitingFor: "timed out"))
        case .tunnelling: end(.proxy("the proxy \(proxy.map(\.description) ?? "") did not answer \(inTime)"))
        case .securing: end(.timedOut("the server did not finish the TLS handshake \(inTime)"))
        case .upgrading: end(.timedOut("the server did not answer the upgrade \(inTime)"))
        case .refused(let refusal): end(.refused(refusal, body: refusalBody.text))
        case .closing: end(.timedOut("the server did not answer the close frame \(within(limits.closeMicrosMax))"))
        case .lingering(let end): self.end(end)
        case .open, .ended: break
        }
    }

    private func within(_ micros: Int64) -> String {
        micros % 1_000_000 == 0 ? "within \(micros / 1_000_000) s" : "within \(micros / 1000) ms"
    }
}
