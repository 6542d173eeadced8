import COpenSSL

/// The one form of RSA signature in use here: PSS, SHA-256, MGF1 with SHA-256, salt as long as the hash.
enum PSSPadding {
    static let saltBytes: Int32 = 32

    static func set(_ options: OpaquePointer?) -> Bool {
        EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1
            && EVP_PKEY_CTX_set_rsa_pss_saltlen(options, saltBytes) == 1
            && EVP_PKEY_CTX_set_rsa_mgf1_md(options, EVP_sha256()) == 1
    }
}
