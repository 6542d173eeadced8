import MarketModel
import OpenSSL

/// Signs the upgrade of a socket. Source: venues dossier §1.2.
///
/// The string that is signed is the time in milliseconds, `GET` and the path, with nothing between; no query, no host, no body. Each
/// attempt has a time of its own: an old signature is refused.
struct KalshiSigner: Sendable {
    let credentials: KalshiCredentials

    /// The headers of an attempt.
    ///
    /// - Parameters:
    ///   - path: of the address; a query in it is left out of what is signed.
    ///   - time: now; the venue refuses what is too far from its own clock.
    func headers(path: String, at time: Timestamp) throws(SigningKeyError) -> [(name: String, value: String)] {
        let millis = "\(time.micros / 1000)"
        let signature = try credentials.key.sign(Array(KalshiSigner.message(millis: millis, path: path).utf8))
        return [
            (name: "KALSHI-ACCESS-KEY", value: credentials.keyID),
            (name: "KALSHI-ACCESS-TIMESTAMP", value: millis),
            (name: "KALSHI-ACCESS-SIGNATURE", value: Base64.encode(signature)),
        ]
    }

    /// What is signed.
    static func message(millis: String, path: String) -> String { "\(millis)GET\(path.prefix { $0 != "?" })" }
}
