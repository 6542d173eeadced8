import COpenSSL

/// A public key that judges signatures as a venue does; for tests, as no venue signs anything for us.
package final class VerifyingKey {
    private let key: OpaquePointer
    private let isRSA: Bool

    /// Reads PEM text (`PUBLIC KEY`); nil if it is none, or neither RSA nor Ed25519.
    package init?(pem text: String) {
        ErrorQueue.clear()
        defer { ErrorQueue.clear() }
        guard let block = PEMBlock(text), block.label == "PUBLIC KEY", let bytes = block.bytes else { return nil }
        let key = bytes.withUnsafeBufferPointer { bytes in
            var next = bytes.baseAddress
            return d2i_PUBKEY(nil, &next, bytes.count)
        }
        guard let key else { return nil }
        let kind = EVP_PKEY_get_base_id(key)
        guard kind == EVP_PKEY_RSA || kind == EVP_PKEY_ED25519 else {
            EVP_PKEY_free(key)
            return nil
        }
        self.key = key
        isRSA = kind == EVP_PKEY_RSA
    }

    deinit { EVP_PKEY_free(key) }

    /// Strict: a PSS salt of another length than 32 bytes is refused.
    package func accepts(_ signature: [UInt8], over message: [UInt8]) -> Bool {
        ErrorQueue.clear()
        defer { ErrorQueue.clear() }
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        var options: OpaquePointer?
        return EVP_DigestVerifyInit_ex(context, &options, isRSA ? "SHA256" : nil, nil, nil, key, nil) == 1
            && (!isRSA || PSSPadding.set(options))
            && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }
}
