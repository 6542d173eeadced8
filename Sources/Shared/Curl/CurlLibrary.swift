internal import CCurl

/// The libcurl that this process has loaded.
enum CurlLibrary {
    /// Done once, before libcurl does anything.
    private static let isSetUp = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    /// Sets libcurl up; why it cannot be used here, or nil.
    static func fault() -> String? {
        guard isSetUp, let facts = mktpipe_version_info() else { return "libcurl cannot be set up; reinstall libcurl4" }
        // With another TLS library the rules of ours would reach nobody.
        let tls = facts.pointee.ssl_version.map { String(cString: $0) } ?? "no TLS"
        guard tls.hasPrefix("OpenSSL/") else {
            return "libcurl is built with \(tls), not with OpenSSL; install libcurl4 (and libcurl4-openssl-dev to build)"
        }
        return nil
    }

    /// Whether names are resolved without holding up the caller.
    static var isResolvingInBackground: Bool {
        guard isSetUp, let facts = mktpipe_version_info() else { return false }
        return facts.pointee.features & CURL_VERSION_ASYNCHDNS != 0
    }

    /// What libcurl refuses here can only be a wrong build of it or a want of memory; no option may be missing in silence.
    static func must(_ code: CURLcode) {
        guard code == CURLE_OK else { fatalError("libcurl refuses an option: \(String(cString: curl_easy_strerror(code)))") }
    }

    static func must(_ code: CURLMcode) {
        guard code == CURLM_OK else { fatalError("libcurl: \(String(cString: curl_multi_strerror(code)))") }
    }
}
