import COpenSSL

/// A private key that signs a venue's handshake: RSA of at least 2048 bits, or Ed25519.
///
/// No description, reflection or error shows anything of the key. Signing leaves it as it is, so one key may serve several threads.
public final class SigningKey: @unchecked Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public enum Algorithm: Sendable {
        /// RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 bytes (RFC 8017 section 8.1).
        case rsaPSS
        /// Ed25519 over the message itself, not over its hash (RFC 8032 section 5.1).
        case ed25519
    }

    public let algorithm: Algorithm
    private let key: OpaquePointer

    /// Reads PEM text: PKCS#1 (`RSA PRIVATE KEY`) or PKCS#8 (`PRIVATE KEY`).
    public init(pem text: String) throws(SigningKeyError) {
        guard let block = PEMBlock(text) else { throw .notPEM }
        try SigningKey.check(label: block.label, isEncrypted: block.isEncrypted)
        guard var bytes = block.bytes else { throw .damaged }
        let key = bytes.withUnsafeMutableBufferPointer { bytes -> OpaquePointer? in
            defer { OPENSSL_cleanse(bytes.baseAddress, bytes.count) }
            ErrorQueue.clear()
            defer { ErrorQueue.clear() }
            var next = UnsafePointer(bytes.baseAddress)
            let key = d2i_AutoPrivateKey(nil, &next, bytes.count)
            guard let start = bytes.baseAddress, next == UnsafePointer(start + bytes.count) else {
                EVP_PKEY_free(key)
                return nil
            }
            return key
        }
        guard let key else { throw .damaged }
        do {
            algorithm = try SigningKey.algorithm(of: key)
        } catch {
            EVP_PKEY_free(key)
            throw error
        }
        self.key = key
    }

    deinit { EVP_PKEY_free(key) }

    private static func check(label: String, isEncrypted: Bool) throws(SigningKeyError) {
        if isEncrypted { throw .encrypted }
        if label.hasSuffix("PUBLIC KEY") { throw .publicKey }
        if label.hasSuffix("CERTIFICATE") { throw .certificate }
        switch label {
        case "PRIVATE KEY", "RSA PRIVATE KEY": return
        case "EC PRIVATE KEY", "EC PARAMETERS": throw .unsupported("EC")
        case "DSA PRIVATE KEY": throw .unsupported("DSA")
        case "OPENSSH PRIVATE KEY": throw .unsupported("OpenSSH")
        default: throw .notPEM
        }
    }

    private static func algorithm(of key: OpaquePointer) throws(SigningKeyError) -> Algorithm {
        switch EVP_PKEY_get_base_id(key) {
        case EVP_PKEY_ED25519:
            return .ed25519
        case EVP_PKEY_RSA:
            let bits = Int(EVP_PKEY_get_bits(key))
            guard bits >= 2048 else { throw .tooShort(bits: bits) }
            // A key with one wrong letter would sign, and the venue would answer 401 without a reason.
            let check = EVP_PKEY_CTX_new_from_pkey(nil, key, nil)
            defer { EVP_PKEY_CTX_free(check) }
            defer { ErrorQueue.clear() }
            guard EVP_PKEY_pairwise_check(check) == 1 else { throw .damaged }
            return .rsaPSS
        default:
            throw .unsupported(EVP_PKEY_get0_type_name(key).map { String(cString: $0) } ?? "unknown")
        }
    }

    /// The signature over `message`: 64 bytes for Ed25519, as many as the key has for RSA, and never the same twice for RSA.
    public func sign(_ message: [UInt8]) throws(SigningKeyError) -> [UInt8] {
        ErrorQueue.clear()
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        var options: OpaquePointer?
        var count = Int(EVP_PKEY_get_size(key))
        var signature = [UInt8](repeating: 0, count: count)
        guard EVP_DigestSignInit_ex(context, &options, algorithm == .rsaPSS ? "SHA256" : nil, nil, nil, key, nil) == 1,
            algorithm == .ed25519 || PSSPadding.set(options),
            EVP_DigestSign(context, &signature, &count, message, message.count) == 1
        else { throw .refused(ErrorQueue.reason(ErrorQueue.take())) }
        return Array(signature[..<count])
    }

    public var description: String {
        algorithm == .rsaPSS ? "a private RSA key of \(EVP_PKEY_get_bits(key)) bits" : "a private Ed25519 key"
    }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
