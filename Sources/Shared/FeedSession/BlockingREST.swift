public import Curl
import Glibc
public import UnixTool

/// REST calls one after another, for runs that do nothing else: listings and checks.
public final class BlockingREST {
    private let client: RESTClient
    private var lastID = 0

    public init(_ live: LiveSettings) throws(ToolFailure) {
        client = try RESTClient.make(caPath: live.caPath)
    }

    /// Asks and waits for the answer; a signal ends the wait with `broken`.
    public func fetch(_ request: RESTRequest) -> Result<RESTAnswer, RESTFailure> {
        lastID += 1
        client.start(request, id: lastID)
        var polls: [pollfd] = []
        while !Signals.isStopAsked {
            if let (_, result) = client.advance(at: Clock.monotonicMicros()).first { return result }
            polls.removeAll(keepingCapacity: true)
            polls.append(pollfd(fd: Signals.wakeDescriptor, events: Int16(POLLIN), revents: 0))
            client.appendPolls(&polls)
            let due = client.deadlineMicros ?? Clock.monotonicMicros() + 100_000
            _ = poll(&polls, nfds_t(polls.count), Int32(clamping: max(0, due - Clock.monotonicMicros() + 999) / 1000))
        }
        client.cancel(id: lastID)
        return .failure(.broken("stopped by a signal"))
    }

    /// The same, tried again after a pause where the failure may pass, three times in all.
    public func fetchPatiently(_ request: RESTRequest) -> Result<RESTAnswer, RESTFailure> {
        var result = fetch(request)
        for wait in [500, 2000] as [Int32] {
            switch result {
            case .success(let answer) where answer.status < 500 && answer.status != 429: return result
            case .success, .failure: break
            }
            guard !Signals.isStopAsked else { return result }
            _ = Descriptor.waitReadable([], timeoutMillis: wait)
            result = fetch(request)
        }
        return result
    }
}
