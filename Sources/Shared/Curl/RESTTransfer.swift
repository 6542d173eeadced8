internal import CCurl
internal import OpenSSL

/// One request on its way: an easy handle of libcurl, and what has come.
final class RESTTransfer {
    let id: Int
    let request: RESTRequest
    let easy: UnsafeMutableRawPointer
    /// Monotonic; the transfer is over by then, one way or the other.
    let deadlineMicros: Int64
    /// Whom is asked at the moment.
    var address: RESTAddress
    var redirectCount = 0
    /// Whether the request's own headers still go along: not once it has been sent to another origin.
    var isCarryingHeaders = true
    /// A redirect may turn a POST into a GET (RFC 9110 §15.4).
    var method: RESTRequest.Method
    var body: [UInt8] = []
    var isTooLarge = false
    /// Whether a name was looked up; until then the transfer may be waiting for its turn.
    var isResolving = false

    private let trust: TLSContext
    private var headerList: UnsafeMutablePointer<curl_slist>?
    private let errorText: UnsafeMutablePointer<CChar>

    init(
        _ request: RESTRequest, id: Int, address: RESTAddress, deadlineMicros: Int64, userAgent: String, trust: TLSContext
    ) {
        guard let easy = curl_easy_init() else { fatalError("libcurl has no memory for a request") }
        self.id = id
        self.request = request
        self.easy = easy
        self.deadlineMicros = deadlineMicros
        self.address = address
        self.trust = trust
        method = request.method
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        setRules(userAgent: userAgent)
        setCallbacks()
        setQuestion()
    }

    // The client has taken the handle out of its multi handle by now.
    deinit {
        curl_easy_cleanup(easy)
        curl_slist_free_all(headerList)
        errorText.deallocate()
    }

    /// What libcurl says of a failure; nothing if it says nothing, or something that may hold a proxy's password.
    var libraryText: String {
        let text = ShownText.clean(String(cString: errorText))
        return text.contains("@") || text.contains("://") ? "" : text
    }

    private func setRules(userAgent: String) {
        CurlLibrary.must(mktpipe_set_text(easy, CURLOPT_USERAGENT, userAgent))
        CurlLibrary.must(mktpipe_set_text(easy, CURLOPT_PROTOCOLS_STR, "http,https"))
        CurlLibrary.must(mktpipe_set_text(easy, CURLOPT_ACCEPT_ENCODING, ""))
        // The rules of TLS are the context's; no file of libcurl's choice adds to whom it trusts.
        for option in [CURLOPT_CAINFO, CURLOPT_CAPATH, CURLOPT_PROXY_CAINFO, CURLOPT_PROXY_CAPATH] {
            CurlLibrary.must(mktpipe_set_text(easy, option, nil))
        }
        let timeoutMillis = max(1, min(Int64(Int32.max), request.timeoutMicros / 1000))
        let numbers: [(CURLoption, Int)] = [
            (CURLOPT_NOSIGNAL, 1), (CURLOPT_FOLLOWLOCATION, 0), (CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue)),
            (CURLOPT_SSL_VERIFYPEER, 1), (CURLOPT_SSL_VERIFYHOST, 2), (CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)),
            (CURLOPT_PROXY_SSL_VERIFYPEER, 1), (CURLOPT_PROXY_SSL_VERIFYHOST, 2),
            (CURLOPT_PROXY_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)), (CURLOPT_SSL_SESSIONID_CACHE, 0),
            (CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS)), (CURLOPT_HTTP09_ALLOWED, 0),
            // Without it, taking out a request waits for the thread that looks up its name.
            (CURLOPT_QUICK_EXIT, 1),
            // Divides the time among the addresses of a host; the end of the whole is the client's to watch.
            (CURLOPT_CONNECTTIMEOUT_MS, Int(timeoutMillis)),
        ]
        for (option, value) in numbers { CurlLibrary.must(mktpipe_set_number(easy, option, value)) }
        if request.bodyBytesMax > 0 {
            CurlLibrary.must(mktpipe_set_size(easy, CURLOPT_MAXFILESIZE_LARGE, curl_off_t(request.bodyBytesMax)))
        }
    }

    private func setCallbacks() {
        let this = Unmanaged.passUnretained(self).toOpaque()
        CurlLibrary.must(mktpipe_set_pointer(easy, CURLOPT_PRIVATE, this))
        CurlLibrary.must(mktpipe_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText))
        CurlLibrary.must(mktpipe_set_pointer(easy, CURLOPT_WRITEDATA, this))
        CurlLibrary.must(mktpipe_set_pointer(easy, CURLOPT_RESOLVER_START_DATA, this))
        CurlLibrary.must(mktpipe_set_pointer(easy, CURLOPT_SSL_CTX_DATA, Unmanaged.passUnretained(trust).toOpaque()))
        CurlLibrary.must(
            mktpipe_set_writer(easy) { bytes, size, count, this in
                guard let bytes, let this else { return 0 }
                return RESTTransfer.from(this).take(UnsafeRawBufferPointer(start: bytes, count: size * count))
            })
        CurlLibrary.must(
            mktpipe_set_resolver_start(easy) { _, _, this in
                guard let this else { return 1 }
                RESTTransfer.from(this).isResolving = true
                return 0
            })
        CurlLibrary.must(
            mktpipe_set_tls_context(easy) { _, context, trust in
                guard let context, let trust else { return CURLE_SSL_CONNECT_ERROR }
                Unmanaged<TLSContext>.fromOpaque(trust).takeUnretainedValue().govern(context)
                return CURLE_OK
            })
    }

    /// The transfer that libcurl hands back.
    static func from(_ pointer: UnsafeMutableRawPointer) -> RESTTransfer {
        Unmanaged<RESTTransfer>.fromOpaque(pointer).takeUnretainedValue()
    }

    /// Lays down whom is asked, and what; also for each redirect.
    func setQuestion() {
        CurlLibrary.must(mktpipe_set_text(easy, CURLOPT_URL, address.url))
        // Whether one connection can carry all is known after the TLS handshake; without TLS only after the first answer, which may be slow.
        CurlLibrary.must(mktpipe_set_number(easy, CURLOPT_PIPEWAIT, address.scheme == "https" ? 1 : 0))
        switch method {
        case .get: CurlLibrary.must(mktpipe_set_number(easy, CURLOPT_HTTPGET, 1))
        case .post(let body):
            CurlLibrary.must(mktpipe_set_number(easy, CURLOPT_POST, 1))
            CurlLibrary.must(mktpipe_set_size(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
            // libcurl takes its own copy here; of no address it would ask a read function for the bytes.
            body.withUnsafeBytes { bytes in
                let base = UnsafeMutableRawPointer(mutating: bytes.baseAddress ?? UnsafeRawPointer(errorText))
                CurlLibrary.must(mktpipe_set_pointer(easy, CURLOPT_COPYPOSTFIELDS, base))
            }
        }
        curl_slist_free_all(headerList)
        headerList = nil
        // Answers are small, and no server of ours wants to be asked first whether it takes a body.
        append("Expect:")
        let headers = isCarryingHeaders ? request.headers : []
        if method != .get, !headers.contains(where: { $0.name.lowercased() == "content-type" }) {
            append("Content-Type: application/json")
        }
        for header in headers {
            // A name with nothing but a colon would take the header away (CURLOPT_HTTPHEADER(3)).
            append(header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)")
        }
        CurlLibrary.must(mktpipe_set_headers(easy, headerList))
    }

    private func append(_ line: String) {
        guard let longer = curl_slist_append(headerList, line) else { fatalError("libcurl has no memory for a header") }
        headerList = longer
    }

    private func take(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard bytes.count <= request.bodyBytesMax - body.count else {
            isTooLarge = true
            return 0
        }
        body.append(contentsOf: bytes)
        return bytes.count
    }
}
