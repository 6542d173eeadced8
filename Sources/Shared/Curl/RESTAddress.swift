internal import CCurl

/// A URL as libcurl reads it, so that what is judged is what is asked.
struct RESTAddress {
    /// The whole of it, in libcurl's spelling.
    let url: String
    let scheme: String
    let host: String
    /// Always there: the scheme's own if none is given.
    let port: String
    /// What may be shown of it: scheme, host, port if given, and path.
    let label: String

    /// Nil if the text is no URL of http or https, or holds a user's name.
    init?(_ text: String) {
        // libcurl would read "https:///a" as the host "a".
        guard !text.utf8.contains(0), !text.drop(while: { $0 != ":" }).hasPrefix(":///"), let parts = curl_url() else { return nil }
        defer { curl_url_cleanup(parts) }
        guard curl_url_set(parts, CURLUPART_URL, text, 0) == CURLUE_OK,
            RESTAddress.part(parts, CURLUPART_USER) == nil, RESTAddress.part(parts, CURLUPART_PASSWORD) == nil,
            let url = RESTAddress.part(parts, CURLUPART_URL), let scheme = RESTAddress.part(parts, CURLUPART_SCHEME),
            scheme == "https" || scheme == "http", let host = RESTAddress.part(parts, CURLUPART_HOST), !host.isEmpty,
            let port = RESTAddress.part(parts, CURLUPART_PORT, UInt32(CURLU_DEFAULT_PORT))
        else { return nil }
        self.url = url
        self.scheme = scheme
        self.host = host.lowercased()
        self.port = port
        let shownPort = RESTAddress.part(parts, CURLUPART_PORT).map { ":" + $0 } ?? ""
        label = ShownText.clean("\(scheme)://\(host)\(shownPort)\(RESTAddress.part(parts, CURLUPART_PATH) ?? "")")
    }

    /// Whether what may be told to one may be told to the other (RFC 6454 §5).
    func isSameOrigin(as other: RESTAddress) -> Bool {
        scheme == other.scheme && host == other.host && port == other.port
    }

    private static func part(_ parts: OpaquePointer, _ part: CURLUPart, _ flags: UInt32 = 0) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(parts, part, &text, flags) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}
