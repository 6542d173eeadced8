import FeedSession
import OpenSSL
import UnixTool

/// The account's key: its name and the private key that signs for it. Nothing of the key is ever shown.
///
/// Even public channels want them (dossier §1.2); a key with the scope `read` is enough.
struct KalshiCredentials: Sendable {
    let keyID: String
    let key: SigningKey

    /// Where credentials come from, as far as it was said.
    struct Source: Sendable {
        var keyID: String?
        /// PEM text.
        var keyText: String?
        var keyPath: String?

        /// Notes the three settings; nothing is read yet.
        init(_ settings: inout Settings) {
            keyID = settings.secret("KALSHI_API_KEY_ID")
            keyText = settings.secret("KALSHI_PRIVATE_KEY")
            keyPath = settings.variable("KALSHI_PRIVATE_KEY_FILE")
        }

        init(keyID: String?, keyText: String?, keyPath: String?) {
            self.keyID = keyID
            self.keyText = keyText
            self.keyPath = keyPath
        }
    }

    /// Reads the key, before anything is sent anywhere. Status 78 where something is missing, 77 where it is no key.
    init(_ source: Source) throws(ToolFailure) {
        guard let keyID = source.keyID else {
            throw ToolFailure(
                .configuration,
                "KALSHI_API_KEY_ID is not set, and Kalshi's sockets want a key even for public data: make one on kalshi.com (scope read is "
                    + "enough), or work without: --replay FILE, --list")
        }
        guard keyID.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw ToolFailure(.configuration, "KALSHI_API_KEY_ID has blanks or foreign letters in it; copy the key's id once more")
        }
        self.keyID = keyID
        switch (source.keyText, source.keyPath) {
        case (nil, nil):
            throw ToolFailure(
                .configuration,
                "no private key: set KALSHI_PRIVATE_KEY_FILE to the file that kalshi.com let you download, or KALSHI_PRIVATE_KEY to its text"
            )
        case (.some, .some):
            throw ToolFailure(.configuration, "KALSHI_PRIVATE_KEY and KALSHI_PRIVATE_KEY_FILE are both set; unset one of them")
        case (let text?, nil):
            key = try KalshiCredentials.key(text, from: "KALSHI_PRIVATE_KEY")
        case (nil, let path?):
            key = try KalshiCredentials.key(try KalshiCredentials.read(path), from: path)
        }
    }

    /// The key's id goes out in a header, and a refusal may repeat it; messages never do (dossier §3.6). The private key goes nowhere.
    var secrets: Secrets { Secrets([Secrets.stars(keyID)]) }

    private static func read(_ path: String) throws(ToolFailure) -> String {
        try EnvironmentFile.checkPrivate(path)
        guard let text = try TextFile.read(path) else {
            throw ToolFailure(.configuration, "\(path) does not exist; check KALSHI_PRIVATE_KEY_FILE")
        }
        return text
    }

    private static func key(_ text: String, from place: String) throws(ToolFailure) -> SigningKey {
        do {
            return try SigningKey(pem: text)
        } catch {
            throw ToolFailure(.credentialsRefused, "\(place): \(error)")
        }
    }
}
