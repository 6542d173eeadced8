import COpenSSL

/// What was wrong with a certificate at the moment it was judged, and what it said about itself.
struct CertificateFault {
    /// One of OpenSSL's X509_V_ERR codes.
    let code: Int32
    let notBefore: String
    let notAfter: String
    let issuer: String
    let names: [String]

    init(code: Int32, certificate: OpaquePointer?) {
        self.code = code
        notBefore = CertificateFault.date(X509_get0_notBefore(certificate))
        notAfter = CertificateFault.date(X509_get0_notAfter(certificate))
        issuer = CertificateFault.text(X509_get_issuer_name(certificate))
        names = CertificateFault.names(of: certificate)
    }

    /// The same in the words of this door.
    func error(host: String) -> TLSError {
        let reason = String(cString: X509_verify_cert_error_string(Int(code)))
        switch code {
        case X509_V_ERR_CERT_HAS_EXPIRED: return .expired(host: host, on: notAfter)
        case X509_V_ERR_CERT_NOT_YET_VALID: return .notYetValid(host: host, until: notBefore)
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH: return .nameMismatch(host: host, names: names)
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
            return .unknownAuthority(host: host, issuer: issuer)
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: return .selfSigned(host: host)
        case X509_V_ERR_EE_KEY_TOO_SMALL, X509_V_ERR_CA_KEY_TOO_SMALL, X509_V_ERR_CA_MD_TOO_WEAK:
            return .weakKey(host: host, reason: reason)
        default: return .certificate(host: host, reason: reason)
        }
    }

    private static func date(_ time: UnsafePointer<ASN1_TIME>?) -> String {
        var parts = tm()
        guard let time, ASN1_TIME_to_tm(time, &parts) == 1 else { return "an unreadable date" }
        func two(_ number: Int32) -> String { (number < 10 ? "0" : "") + String(number) }
        return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday)) \(two(parts.tm_hour)):\(two(parts.tm_min)) UTC"
    }

    private static func text(_ name: OpaquePointer?) -> String {
        guard let name, let line = X509_NAME_oneline(name, nil, 0) else { return "without a name" }
        defer { mktpipe_free(line) }
        return clean(String(cString: line))
    }

    /// The names it may be used for (RFC 9525: the common name counts for nothing), the first eight.
    private static func names(of certificate: OpaquePointer?) -> [String] {
        guard let list = X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) else { return [] }
        let names = OpaquePointer(list)
        defer { GENERAL_NAMES_free(names) }
        return (0..<min(mktpipe_names_count(names), 8)).compactMap { index in
            var kind: Int32 = 0
            guard let value = GENERAL_NAME_get0_value(mktpipe_names_at(names, index), &kind) else { return nil }
            guard kind == GEN_DNS || kind == GEN_IPADD else { return nil }
            let string = value.assumingMemoryBound(to: ASN1_STRING.self)
            let bytes = UnsafeBufferPointer(start: ASN1_STRING_get0_data(string), count: Int(ASN1_STRING_length(string)))
            return kind == GEN_DNS ? clean(String(decoding: bytes, as: UTF8.self)) : address(bytes)
        }
    }

    private static func address(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        if bytes.count == 4 { return bytes.map { String($0) }.joined(separator: ".") }
        let groups = stride(from: 0, to: bytes.count - 1, by: 2).map { String(Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]), radix: 16) }
        return groups.joined(separator: ":")
    }

    /// The other end is not known yet: nothing of it may steer a terminal.
    private static func clean(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.prefix(200).map { (" "..."~").contains($0) ? $0 : "?" }))
    }
}
