internal import CCurl
public import Glibc
public import OpenSSL

/// Asks servers over HTTP without ever waiting, driven by somebody else's poll loop, on one thread.
///
/// The loop puts `appendPolls` and `deadlineMicros` into its poll and calls `advance` whenever it wakes. At most six connections
/// go to one host, and they are kept for the next request; HTTP/2 is spoken where the server does. TLS is 1.2 at least and always verified. Redirects are
/// followed to https only, three at most. Proxies come from the environment, as libcurl reads it (`HTTPS_PROXY`, `NO_PROXY`, `ALL_PROXY`, `http_proxy`). A GET or
/// POST whose kept connection turns out dead before a byte has come is sent once more on a new one.
public final class RESTClient {
    /// How a request ended, under the id that it was started with.
    public typealias Outcome = (id: Int, result: Result<RESTAnswer, RESTFailure>)

    private let multi: UnsafeMutableRawPointer
    private let trust: TLSContext
    private let userAgent: String
    private var fresh: [(id: Int, request: RESTRequest)] = []
    private var transfers: [Int: RESTTransfer] = [:]
    /// What to poll for, by descriptor, as libcurl tells it.
    private var events: [Int32: Int16] = [:]
    private var ready: [pollfd] = []
    private var timerMicros: Int64?
    private var nowMicros: Int64 = 0
    private var outcomes: [Outcome] = []

    /// - Parameters:
    ///   - trust: whom TLS trusts, and its rules.
    ///   - version: of mktpipe, for the user agent `mktpipe/VERSION`.
    /// - Throws: `tls` if the system's libcurl is built without OpenSSL.
    public init(trusting trust: TLSContext, version: String) throws(RESTFailure) {
        if let fault = CurlLibrary.fault() { throw .tls(fault) }
        guard let multi = curl_multi_init() else { fatalError("libcurl has no memory for a client") }
        self.multi = multi
        self.trust = trust
        userAgent = "mktpipe/\(version)"
        CurlLibrary.must(mktpipe_multi_set_number(multi, CURLMOPT_MAX_HOST_CONNECTIONS, 6))
        CurlLibrary.must(mktpipe_multi_set_number(multi, CURLMOPT_MAXCONNECTS, 24))
        CurlLibrary.must(mktpipe_multi_set_number(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX)))
        setCallbacks()
    }

    /// Trusts the system's authorities, and those of the PEM file `caFile` as well.
    ///
    /// - Throws: `tls` if the file cannot be used, or the system's libcurl is built without OpenSSL.
    public convenience init(caFile: String?, version: String) throws(RESTFailure) {
        let trust: TLSContext
        do { trust = try TLSContext(caFile: caFile) } catch { throw .tls(error.description) }
        try self.init(trusting: trust, version: version)
    }

    deinit {
        for transfer in transfers.values { curl_multi_remove_handle(multi, transfer.easy) }
        curl_multi_cleanup(multi)
    }

    /// Whether names are resolved in the background. If not, each new name holds up the loop, and whoever starts should say so.
    public static var isResolvingInBackground: Bool { CurlLibrary.isResolvingInBackground }

    /// Puts a request on its way; it begins, and its time with it, at the next `advance`, which is due at once.
    ///
    /// - Parameter id: names the outcome; no other request that is not over may have it.
    public func start(_ request: RESTRequest, id: Int) {
        precondition(transfers[id] == nil && !fresh.contains { $0.id == id } && !outcomes.contains { $0.id == id }, "id \(id) is taken")
        fresh.append((id, request))
    }

    /// Forgets a request: it has no outcome any more. An id that is not known is none.
    public func cancel(id: Int) {
        fresh.removeAll { $0.id == id }
        guard let transfer = transfers.removeValue(forKey: id) else { return }
        CurlLibrary.must(curl_multi_remove_handle(multi, transfer.easy))
    }

    /// Whether nothing is asked that has no outcome yet.
    public var isIdle: Bool { fresh.isEmpty && transfers.isEmpty }

    /// Adds the sockets of the moment; their `revents` are of no interest here.
    public func appendPolls(_ polls: inout [pollfd]) {
        for (descriptor, wanted) in events { polls.append(pollfd(fd: descriptor, events: wanted, revents: 0)) }
    }

    /// The monotonic time in microseconds at which `advance` is due whatever the sockets say; nil if only they matter, zero for at once.
    public var deadlineMicros: Int64? {
        if !fresh.isEmpty { return 0 }
        let ends = transfers.values.lazy.map(\.deadlineMicros).min()
        guard let timerMicros, let ends else { return timerMicros ?? ends }
        return min(timerMicros, ends)
    }

    /// Does what can be done without waiting.
    ///
    /// - Returns: the requests that are over, in the order in which they ended, each once.
    public func advance(at monotonicMicros: Int64) -> [Outcome] {
        nowMicros = monotonicMicros
        begin()
        // A server that sends without end must not keep the loop from everything else.
        for _ in 0..<16 {
            let isActive = act()
            collect()
            if !isActive { break }
        }
        expire()
        defer { outcomes.removeAll() }
        return outcomes
    }

    private func begin() {
        for (id, request) in fresh {
            if let fault = request.fault {
                outcomes.append((id, .failure(fault)))
            } else if let address = RESTAddress(request.url) {
                let (end, isBeyond) = nowMicros.addingReportingOverflow(max(0, request.timeoutMicros))
                let transfer = RESTTransfer(
                    request, id: id, address: address, deadlineMicros: isBeyond ? .max : end, userAgent: userAgent, trust: trust)
                transfers[id] = transfer
                CurlLibrary.must(curl_multi_add_handle(multi, transfer.easy))
            }
        }
        fresh.removeAll()
    }

    /// Serves the timer and the sockets that are ready; false if there was nothing to do.
    private func act() -> Bool {
        var running: Int32 = 0
        var isActive = false
        if let timerMicros, timerMicros <= nowMicros {
            self.timerMicros = nil
            isActive = true
            CurlLibrary.must(curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running))
        }
        ready.removeAll(keepingCapacity: true)
        appendPolls(&ready)
        guard !ready.isEmpty, poll(&ready, nfds_t(ready.count), 0) > 0 else { return isActive }
        for socket in ready where socket.revents != 0 {
            // An earlier socket's turn may have closed this one.
            guard events[socket.fd] != nil else { continue }
            if Int32(socket.revents) & POLLNVAL != 0 { events[socket.fd] = nil }
            isActive = true
            // Without a mask libcurl looks for itself.
            CurlLibrary.must(curl_multi_socket_action(multi, socket.fd, 0, &running))
        }
        return isActive
    }

    private func collect() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
            let code = message.pointee.data.result
            var pointer: UnsafeMutableRawPointer?
            CurlLibrary.must(mktpipe_get_private(easy, &pointer))
            guard let pointer else { continue }
            let transfer = RESTTransfer.from(pointer)
            CurlLibrary.must(curl_multi_remove_handle(multi, easy))
            if let outcome = transfer.outcome(code) {
                transfers[transfer.id] = nil
                outcomes.append((transfer.id, outcome))
            } else {
                CurlLibrary.must(curl_multi_add_handle(multi, easy))
            }
        }
    }

    private func expire() {
        for transfer in transfers.values.filter({ $0.deadlineMicros <= nowMicros }).sorted(by: { $0.id < $1.id }) {
            // Asked before the handle is taken out, which forgets what it was waiting for.
            let outcome = transfer.timeout()
            cancel(id: transfer.id)
            outcomes.append((transfer.id, .failure(outcome)))
        }
    }

    private func setCallbacks() {
        let this = Unmanaged.passUnretained(self).toOpaque()
        CurlLibrary.must(mktpipe_multi_set_pointer(multi, CURLMOPT_SOCKETDATA, this))
        CurlLibrary.must(mktpipe_multi_set_pointer(multi, CURLMOPT_TIMERDATA, this))
        CurlLibrary.must(
            mktpipe_multi_set_socket(multi) { _, descriptor, what, this, _ in
                guard let this else { return -1 }
                Unmanaged<RESTClient>.fromOpaque(this).takeUnretainedValue().watch(descriptor, what)
                return 0
            })
        CurlLibrary.must(
            mktpipe_multi_set_timer(multi) { _, millis, this in
                guard let this else { return -1 }
                Unmanaged<RESTClient>.fromOpaque(this).takeUnretainedValue().setTimer(millis)
                return 0
            })
    }

    private func watch(_ descriptor: Int32, _ what: Int32) {
        switch what {
        case CURL_POLL_IN: events[descriptor] = Int16(POLLIN)
        case CURL_POLL_OUT: events[descriptor] = Int16(POLLOUT)
        case CURL_POLL_INOUT: events[descriptor] = Int16(POLLIN | POLLOUT)
        default: events[descriptor] = nil
        }
    }

    private func setTimer(_ millis: Int) {
        timerMicros = millis < 0 ? nil : nowMicros + Int64(millis) * 1000
    }
}
