import Curl
import Glibc
import TestSupport
import Testing

/// The poll loop that a feed would be, around one client.
final class Loop {
    let client: RESTClient
    private(set) var outcomes: [Int: Result<RESTAnswer, RESTFailure>] = [:]
    /// The longest time that one `advance` took.
    private(set) var longestMicros: Int64 = 0
    private(set) var turns = 0

    convenience init(caFile: String? = nil) throws { self.init(try RESTClient(caFile: caFile, version: "0.0.test")) }

    init(_ client: RESTClient) { self.client = client }

    /// One sleep and one advance.
    func turn(sleepMillisMax: Int64 = 1000) throws {
        var polls: [pollfd] = []
        client.appendPolls(&polls)
        let now = Loop.monotonicMicros()
        let sleep = client.deadlineMicros.map { max(0, min(sleepMillisMax, ($0 - now + 999) / 1000)) } ?? sleepMillisMax
        poll(&polls, nfds_t(polls.count), Int32(sleep))
        let begin = Loop.monotonicMicros()
        let over = client.advance(at: begin)
        longestMicros = max(longestMicros, Loop.monotonicMicros() - begin)
        turns += 1
        for (id, result) in over {
            try #require(outcomes[id] == nil, "\(id) is over twice")
            outcomes[id] = result
        }
    }

    /// Turns until nothing is asked any more.
    func runUntilIdle() throws {
        try Deadline.wait(for: "the answers") {
            try turn()
            return client.isIdle
        }
    }

    /// Asks and gives the result.
    func ask(_ request: RESTRequest, id: Int = -1) throws -> Result<RESTAnswer, RESTFailure> {
        client.start(request, id: id)
        try Deadline.wait(for: "the answer") {
            try turn()
            return outcomes[id] != nil
        }
        let result = outcomes.removeValue(forKey: id)
        return try #require(result)
    }

    func answer(_ url: String) throws -> RESTAnswer { try ask(RESTRequest(url: url)).get() }

    func failure(_ request: RESTRequest) throws -> RESTFailure {
        switch try ask(request) {
        case .success(let answer):
            throw TestFault("answered: \(answer)")
        case .failure(let failure):
            #expect(!failure.description.contains("\n"))
            return failure
        }
    }

    static func monotonicMicros() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }
}
