internal import CCurl
internal import Glibc

extension RESTTransfer {
    private static let redirectsMax = 3

    /// What an ended transfer comes to; nil if it goes on with a redirect, for which all is laid down.
    func outcome(_ code: CURLcode) -> Result<RESTAnswer, RESTFailure>? {
        guard code == CURLE_OK, !isTooLarge else { return .failure(failure(code)) }
        let status = number(CURLINFO_RESPONSE_CODE)
        guard [301, 302, 303, 307, 308].contains(status), let target = text(CURLINFO_REDIRECT_URL) else {
            return .success(answer(status: status))
        }
        guard redirectCount < RESTTransfer.redirectsMax else {
            return .failure(.broken("\(request.label): redirected more than \(RESTTransfer.redirectsMax) times; correct the address"))
        }
        guard let next = RESTAddress(target), next.scheme == "https" else {
            let shown = RESTAddress(target)?.label ?? "an address that cannot be asked"
            return .failure(.broken("\(request.label): redirected to \(shown), and only https is followed; correct the address"))
        }
        redirectCount += 1
        if !next.isSameOrigin(as: address) { isCarryingHeaders = false }
        if status <= 303 { method = .get }
        address = next
        body.removeAll()
        isResolving = false
        setQuestion()
        return nil
    }

    private func answer(status: Int) -> RESTAnswer {
        // IMF-fixdate and its elders; it answers -1 for what is no date.
        let date = header("date").map { curl_getdate($0, nil) } ?? -1
        return RESTAnswer(
            status: status, body: body, contentType: header("content-type").map(ShownText.clean),
            retryAfter: header("retry-after").map(ShownText.clean), dateMicros: date < 0 ? nil : Int64(date) * 1_000_000)
    }

    /// How the transfer failed, by libcurl's code; libcurl's own words only where they hold neither URL nor header.
    private func failure(_ code: CURLcode) -> RESTFailure {
        if isTooLarge { return .tooLarge }
        let label = address.label
        switch code {
        case CURLE_FILESIZE_EXCEEDED: return .tooLarge
        case CURLE_OPERATION_TIMEDOUT: return timeout()
        case CURLE_COULDNT_RESOLVE_HOST:
            return .unresolved("\(label): the name cannot be resolved; check the network, then the name")
        case CURLE_COULDNT_RESOLVE_PROXY:
            return .unresolved("\(label): the name of the proxy cannot be resolved; correct HTTPS_PROXY, or unset it")
        case CURLE_COULDNT_CONNECT:
            // Otherwise no address was tried: libcurl cannot use what the environment says of a proxy.
            guard libraryText.hasPrefix("Failed to connect") else {
                return .unreachable("\(label): no connection; correct HTTPS_PROXY if it is set, else check the network")
            }
            return .unreachable("\(label): no connection (\(reachReason())); check the network, then whether the server is up")
        case CURLE_PEER_FAILED_VERIFICATION:
            return .tls("\(label): the certificate is refused (\(libraryText)); \(certificateAdvice)")
        case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_SSL_CERTPROBLEM, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_ENGINE_INITFAILED,
            CURLE_SSL_INVALIDCERTSTATUS, CURLE_USE_SSL_FAILED:
            return .tls("\(label): TLS failed (\(libraryText)); correct the address, and tell the server's owner if it stays")
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY:
            return .broken("\(label): what answers does not speak HTTP; correct the address")
        case CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_BAD_CONTENT_ENCODING, CURLE_HTTP2,
            CURLE_HTTP2_STREAM:
            return .broken("\(label): the exchange broke (\(libraryText)); ask again")
        default:
            return .broken("\(label): the exchange broke (\(String(cString: curl_easy_strerror(code)))); ask again")
        }
    }

    /// What was being waited for when time ran out.
    func timeout() -> RESTFailure {
        let micros = request.timeoutMicros
        let within = micros % 1_000_000 == 0 ? "within \(micros / 1_000_000) s" : "within \(micros / 1000) ms"
        let label = address.label
        // A kept connection has no times of its own; the times of what has not happened are zero.
        let isAsked = size(CURLINFO_PRETRANSFER_TIME_T) > 0
        if !isAsked, size(CURLINFO_NAMELOOKUP_TIME_T) == 0 {
            guard isResolving else { return .timedOut("\(label): not asked \(within), too much was asked before it; ask again") }
            return .unresolved("\(label): the name is not resolved \(within); check the network")
        }
        if !isAsked, size(CURLINFO_CONNECT_TIME_T) == 0 {
            return .unreachable("\(label): no connection \(within); check the network, then whether the server is up")
        }
        let stage =
            body.isEmpty && size(CURLINFO_STARTTRANSFER_TIME_T) == 0 ? "no answer" : "the answer is not complete, \(body.count) bytes came"
        return .timedOut("\(label): \(stage) \(within); ask again, or allow more time")
    }

    /// What to do about a certificate, by OpenSSL's code for it (verify(1)).
    private var certificateAdvice: String {
        switch number(CURLINFO_SSL_VERIFYRESULT) {
        // The chain is good, or not judged yet: it is the name.
        case 0, 1: "correct the address"
        case 9, 10: "compare this machine's clock, else the server's owner must renew it"
        case 18, 19, 20, 21: "if you trust who signed it, give its certificate with --ca-file"
        default: "the server's owner must correct it"
        }
    }

    /// Whom could not be reached, which may be the proxy, and why.
    private func reachReason() -> String {
        // "Failed to connect to NAME port N after 3 ms: ..." differs each time.
        let whom = libraryText.split(separator: " ").prefix { $0 != "after" }.joined(separator: " ")
        let system = number(CURLINFO_OS_ERRNO)
        return system == 0 ? whom : "\(whom): \(String(cString: strerror(Int32(system))))"
    }

    private func number(_ info: CURLINFO) -> Int {
        var value = 0
        return mktpipe_get_number(easy, info, &value) == CURLE_OK ? value : 0
    }

    private func size(_ info: CURLINFO) -> Int64 {
        var value: curl_off_t = 0
        return mktpipe_get_size(easy, info, &value) == CURLE_OK ? Int64(value) : 0
    }

    private func text(_ info: CURLINFO) -> String? {
        var value: UnsafeMutablePointer<CChar>?
        guard mktpipe_get_text(easy, info, &value) == CURLE_OK, let value else { return nil }
        return String(cString: value)
    }

    /// The first header of that name in the last answer.
    private func header(_ name: String) -> String? {
        var found: UnsafeMutablePointer<curl_header>?
        guard curl_easy_header(easy, name, 0, UInt32(CURLH_HEADER), -1, &found) == CURLHE_OK, let found else { return nil }
        return String(cString: found.pointee.value)
    }
}
