import FeedSession
import JSON
import OpenSSL
import UnixTool

/// The account's API key for the user channel: three texts, of which only a fingerprint of the first is ever shown.
///
/// Source: venues dossier §3.1 and §3.2.
struct PolymarketCredentials: Sendable {
    let apiKey: String
    private let secret: String
    private let passphrase: String
    /// The signer's address, which REST wants and the socket does not; nil where it was not given.
    let address: String?
    /// What REST calls are signed with; nil without an address.
    private let signingKey: [UInt8]?

    /// Where credentials come from, as far as it was said.
    struct Source: Sendable {
        static let names = ["POLYMARKET_API_KEY", "POLYMARKET_API_SECRET", "POLYMARKET_API_PASSPHRASE"]

        var values: [String: String] = [:]
        var path: String?

        /// Notes the settings; nothing is read yet.
        init(_ settings: inout Settings) {
            for name in Source.names { values[name] = settings.secret(name) }
            values["POLYMARKET_ADDRESS"] = settings.variable("POLYMARKET_ADDRESS")
            path = settings.variable("POLYMARKET_CREDENTIALS_FILE")
        }

        init(values: [String: String], path: String? = nil) {
            self.values = values
            self.path = path
        }
    }

    /// Reads what was said, before anything is sent anywhere; the environment outranks the file. Status 78 where something is missing.
    init(_ source: Source) throws(ToolFailure) {
        var values = source.path == nil ? [:] : try EnvironmentFile.read(source.path ?? "")
        values.merge(source.values) { _, said in said }
        let missing = Source.names.filter { values[$0]?.isEmpty ?? true }
        guard missing.isEmpty else {
            throw ToolFailure(
                .configuration,
                "--user needs \(missing.joined(separator: ", ")): set them in the environment, or name a file with them in "
                    + "POLYMARKET_CREDENTIALS_FILE")
        }
        for name in Source.names where !(values[name] ?? "").utf8.allSatisfy(PolymarketCredentials.isPlain) {
            throw ToolFailure(.configuration, "\(name) has blanks, quotes or foreign letters in it; copy it once more")
        }
        for name in Source.names where (values[name] ?? "").utf8.count < Secrets.bytesMin {
            throw ToolFailure(
                .configuration,
                "\(name) is shorter than \(Secrets.bytesMin) characters: the venue's own are longer, and so short a text could not be kept out of "
                    + "recordings; copy it once more")
        }
        let address = values["POLYMARKET_ADDRESS"].flatMap { $0.isEmpty ? nil : $0 }
        guard address?.utf8.allSatisfy(PolymarketCredentials.isPlain) ?? true else {
            throw ToolFailure(.configuration, "POLYMARKET_ADDRESS is no address; it is 0x and 40 hex digits")
        }
        apiKey = values[Source.names[0]] ?? ""
        secret = values[Source.names[1]] ?? ""
        passphrase = values[Source.names[2]] ?? ""
        self.address = address
        signingKey = address == nil ? nil : Base64.decode(secret, .url) ?? Base64.decode(secret)
        guard address == nil || signingKey != nil else {
            throw ToolFailure(.configuration, "POLYMARKET_API_SECRET is no base64, so that no REST call can be signed; copy it once more")
        }
    }

    /// Letters that need no escape in JSON and none in a header.
    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    // MARK: The socket

    /// The first frame of the user channel. The venue wants the three in clear; they go out inside TLS.
    var firstFrame: String { PolymarketCredentials.frame(apiKey, secret, passphrase) }

    /// The same as it is recorded: with the fingerprint of the key in the place of the key.
    var maskedFrame: String { PolymarketCredentials.frame(apiKey.withText { PolymarketCredentials.fingerprint($0) }, "****", "****") }

    private static func frame(_ key: String, _ secret: String, _ passphrase: String) -> String {
        "{\"auth\":{\"apiKey\":\"\(key)\",\"secret\":\"\(secret)\",\"passphrase\":\"\(passphrase)\"},\"type\":\"user\"}"
    }

    /// What tells one key from another without being it: `sha256:` and 64 hex digits.
    static func fingerprint(_ key: JSONText) -> String { fingerprintPrefix + Digest.hex(.sha256, of: key.bytes) }

    static let fingerprintPrefix = "sha256:"

    // MARK: What the venue repeats

    /// The key's stand-in is the beginning of its fingerprint, so that a replay knows what is ours by the first frame, as the run did.
    var secrets: Secrets {
        let fingerprint = apiKey.withText { PolymarketCredentials.fingerprint($0) }
        let standIn = PolymarketCredentials.standIn(fingerprint, count: apiKey.utf8.count)
        return Secrets([(apiKey, standIn), Secrets.stars(secret), Secrets.stars(passphrase)])
    }

    /// What stands in messages for the key of that fingerprint and of `count` characters.
    static func standIn(_ fingerprint: String, count: Int) -> String {
        String(fingerprint.prefix(count)) + String(repeating: "*", count: max(0, count - fingerprint.utf8.count))
    }

    // MARK: REST

    /// The headers of a call without a body; nil without an address.
    ///
    /// - Parameters:
    ///   - path: without the query, which is not signed.
    ///   - seconds: the time since 1970.
    func headers(method: String, path: String, body: String = "", atSeconds seconds: Int64) -> [(name: String, value: String)]? {
        guard let address, let signingKey else { return nil }
        let code = MessageAuthentication.sha256(key: signingKey, message: Array("\(seconds)\(method)\(path)\(body)".utf8))
        return [
            (name: "POLY_ADDRESS", value: address), (name: "POLY_API_KEY", value: apiKey),
            (name: "POLY_PASSPHRASE", value: passphrase), (name: "POLY_TIMESTAMP", value: "\(seconds)"),
            (name: "POLY_SIGNATURE", value: Base64.encode(code, .url)),
        ]
    }
}
