import COpenSSL

/// What proves that a message is from somebody who knows the key (RFC 2104).
public enum MessageAuthentication {
    /// HMAC with SHA-256: 32 bytes.
    public static func sha256(key: [UInt8], message: [UInt8]) -> [UInt8] {
        // libcrypto takes a key without an address as "the key of last time".
        let key = key.isEmpty ? [0] : key
        return [UInt8](unsafeUninitializedCapacity: 32) { code, count in
            let end = HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, code.baseAddress, nil)
            precondition(end != nil, "libcrypto refused a message to authenticate")
            count = 32
        }
    }
}
