import FeedSession
import UnixTool
import WebSocketClient

/// `--check --user`: the account's key.
extension PolymarketCheck {
    /// A key that is refused is closed upon soon; there is no other answer (dossier §3.1).
    private static let patienceMicros: Int64 = 5_000_000

    mutating func checkUser() throws {
        guard let address = configuration.session.userAddress else { return }
        let credentials: PolymarketCredentials
        do {
            credentials = try PolymarketCredentials(configuration.credentials)
        } catch {
            return try report.fail("own channel", error.message, error.status)
        }
        func words(_ end: WebSocketEnd?) -> String? { end.map { credentials.secrets.mask($0.description) } }
        let probe = try SocketProbe(address, headers: [], tls: tls, environment: EnvironmentFile.process())
        guard probe.open() else {
            return try report.fail(
                "own channel", "\(words(probe.end) ?? "it does not come up within 15 s"); check --user-url", .unavailable)
        }
        probe.send(credentials.firstFrame)
        let hasSpoken = probe.wait(micros: PolymarketCheck.patienceMicros) { _ in true }
        if let end = probe.end, !hasSpoken {
            return try report.fail(
                "own channel", "it ended right after the API key was told (\(words(end) ?? "")); check the key", .credentialsRefused)
        }
        let catchUp = credentials.address == nil ? "; without POLYMARKET_ADDRESS fills of a break cannot be fetched" : ""
        try report.pass("own channel", "the API key was not refused\(catchUp)")
    }
}
