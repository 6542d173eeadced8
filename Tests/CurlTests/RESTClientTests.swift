import Curl
import Glibc
import TestSupport
import Testing

/// Many at once, one after the other, none any more; and what is left over.
@Suite struct RESTClientTests {
    private let folder = TemporaryFolder()
    private let server: RESTServer
    private let loop: Loop

    init() throws {
        server = try RESTServer(in: folder)
        loop = try Loop()
    }

    @Test func requestsOneAfterTheOther_shareAConnection() throws {
        for _ in 0..<20 { #expect(try loop.answer("\(server.origin)/json").status == 200) }
        let counts = try Counts(loop.answer("\(server.origin)/counts"))
        #expect(counts.connections == 1 && counts.requests == 21)
    }

    @Test func fiftyAtOnce_eachGetItsOwnAnswer_overSixConnections() throws {
        for id in 0..<50 { loop.client.start(RESTRequest(url: "\(server.origin)/echo?id=\(id)"), id: id) }
        try loop.runUntilIdle()
        for id in 0..<50 {
            let outcome = try #require(loop.outcomes[id])
            #expect(try Echo(outcome.get()).path == "/echo?id=\(id)")
        }
        let counts = try Counts(loop.answer("\(server.origin)/counts"))
        #expect((1...6).contains(counts.most) && counts.requests == 51)
        #expect(loop.turns < 1000, "the loop spins")
    }

    @Test func slowOnes_doNotHoldUpOthers() throws {
        for id in 1...5 { loop.client.start(RESTRequest(url: "\(server.origin)/slow?seconds=30"), id: id) }
        try loop.turn()
        #expect(try loop.answer("\(server.origin)/json").status == 200)
        #expect(loop.outcomes.isEmpty && !loop.client.isIdle)
        #expect(try Counts(loop.answer("\(server.origin)/counts")).most == 6)
    }

    @Test func connectionThatTheServerClosed_isReplaced() throws {
        #expect(try loop.answer("\(server.origin)/json").status == 200)
        guard case .broken = try loop.failure(RESTRequest(url: "\(server.origin)/silent")) else { throw TestFault("other") }
        for _ in 0..<3 { #expect(try loop.answer("\(server.origin)/json").status == 200) }
    }

    @Test func cancelled_hasNoOutcome_andItsIdIsFree() throws {
        loop.client.start(RESTRequest(url: "\(server.origin)/json"), id: 1)
        loop.client.cancel(id: 1)
        #expect(loop.client.isIdle)
        loop.client.start(RESTRequest(url: "\(server.origin)/slow?seconds=30"), id: 1)
        loop.client.start(RESTRequest(url: "\(server.origin)/slow?seconds=1"), id: 2)
        try Deadline.wait(for: "the questions at the server") {
            try loop.turn(sleepMillisMax: 10)
            return try Counts(Loop().answer("\(server.origin)/counts")).requests > 2
        }
        loop.client.cancel(id: 1)
        loop.client.cancel(id: 77)
        #expect(!loop.client.isIdle)
        loop.client.start(RESTRequest(url: "\(server.origin)/json"), id: 1)
        try loop.runUntilIdle()
        #expect(try #require(loop.outcomes[1]).get().body == Array(#"{"ok":true}"#.utf8))
        #expect(try #require(loop.outcomes[2]).get().body == Array(#"{"slow":true}"#.utf8))
    }

    @Test func clientThatGoes_takesItsRequestsAlong() throws {
        var polls: [pollfd] = []
        do {
            let other = try Loop()
            for id in 0..<10 { other.client.start(RESTRequest(url: "\(server.origin)/trickle?seconds=0.05"), id: id) }
            other.client.start(RESTRequest(url: "https://no.such.name.invalid/"), id: 10)
            try other.turn(sleepMillisMax: 0)
            other.client.appendPolls(&polls)
            #expect(!polls.isEmpty)
        }
        try Deadline.wait(for: "the end of the connections") {
            try Counts(loop.answer("\(server.origin)/counts")).open == 1
        }
    }

    @Test func nothingAsked_nothingToPollFor() throws {
        #expect(loop.client.isIdle && loop.client.deadlineMicros == nil)
        #expect(loop.client.advance(at: Loop.monotonicMicros()).isEmpty)
        loop.client.start(RESTRequest(url: "\(server.origin)/json"), id: 1)
        #expect(loop.client.deadlineMicros == 0)
        try loop.runUntilIdle()
        // A kept connection wakes nobody.
        var polls: [pollfd] = []
        loop.client.appendPolls(&polls)
        #expect(polls.isEmpty && loop.client.deadlineMicros == nil)
    }

    @Test func http2_carriesFiftyAtOnce_overOneConnection() throws {
        try TestAuthority(in: folder).issue()
        for id in 0..<50 { folder.write("\(id).json", "[\(id)]") }
        folder.write("big.json", [UInt8](repeating: 0x20, count: 10_000_000))
        let http2 = try HTTP2Server(in: folder)
        let loop = try Loop(caFile: folder.file("ca.pem"))
        for id in 0..<50 { loop.client.start(RESTRequest(url: "\(http2.origin)/\(id).json"), id: id) }
        loop.client.start(RESTRequest(url: "\(http2.origin)/big.json"), id: 50)
        loop.client.start(RESTRequest(url: "\(http2.origin)/absent.json"), id: 51)
        try loop.runUntilIdle()
        for id in 0..<50 { #expect(try #require(loop.outcomes[id]).get().body == Array("[\(id)]".utf8)) }
        #expect(try #require(loop.outcomes[50]).get().body.count == 10_000_000)
        #expect(try #require(loop.outcomes[51]).get().status == 404)
        #expect(http2.connectionCount == 1)
        // One that is cancelled leaves the connection to the others.
        loop.client.start(RESTRequest(url: "\(http2.origin)/big.json"), id: 52)
        try loop.turn()
        loop.client.cancel(id: 52)
        #expect(try loop.answer("\(http2.origin)/1.json").status == 200)
        #expect(http2.connectionCount == 1)
    }

    /// In a process of its own, where nobody else opens anything.
    @Test func descriptors_areAllGivenBack() async throws {
        await #expect(processExitsWith: .success) {
            let folder = TemporaryFolder()
            let server = try RESTServer(in: folder)
            func turnover() throws {
                let loop = try Loop()
                let paths = ["json", "reset?bytes=10", "slow?seconds=30", "redirect?to=/json", "endless", "garbage"]
                for (id, path) in paths.enumerated() {
                    loop.client.start(RESTRequest(url: "\(server.origin)/\(path)", timeoutMicros: 300_000, bodyBytesMax: 9999), id: id)
                }
                loop.client.start(RESTRequest(url: "https://no.such.name.invalid/", timeoutMicros: 300_000), id: 98)
                loop.client.start(RESTRequest(url: "\(server.origin)/slow?seconds=30"), id: 99)
                try Deadline.wait(for: "the outcomes") {
                    try loop.turn()
                    return loop.outcomes.count == paths.count + 1
                }
            }
            func descriptorCount() -> Int { (0..<256).count { fcntl(Int32($0), F_GETFD) >= 0 } }
            try turnover()
            let before = descriptorCount()
            for _ in 0..<5 { try turnover() }
            // A thread that looks up a name closes its own when it is done.
            try Deadline.wait(for: "as few descriptors as before") { descriptorCount() <= before }
        }
    }
}
