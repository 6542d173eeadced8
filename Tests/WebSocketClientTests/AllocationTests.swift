import Glibc
import TestSupport
import Testing

/// What frames cost in memory, counted in a program of its own whose allocator counts.
@Suite struct AllocationTests {
    /// Allocations in a run of `ws-echo` that takes in and sends back so many messages.
    private static func allocations(_ address: String, caFile: String?, messages: Int, in folder: TemporaryFolder) throws -> Int {
        let log = "allocations-\(messages).log"
        let words = [try BuiltProgram.path("ws-echo"), "echo", "\(address)/\(messages)"] + (caFile.map { [$0] } ?? [])
        let status = ChildProcess.end(of: try ChildProcess.start(words, in: folder, log: log))
        let said = folder.text(log) ?? ""
        let (lead, tail) = ("\(messages) messages, ", " allocations; the server closed the connection with code 1000\n")
        try #require(status == 0 && said.hasPrefix(lead) && said.hasSuffix(tail), "\(said)")
        return try #require(Int(said.dropFirst(lead.count).dropLast(tail.count)))
    }

    @Test(arguments: [false, true])
    func tenThousandMoreFrames_allocateNothingMore(_ isSecure: Bool) throws {
        let folder = TemporaryFolder()
        if isSecure { try TestAuthority(in: folder).issue() }
        let server = try PythonServer("library", isSecure ? ["server.pem", "server.key"] : [], in: folder)
        let address = "\(isSecure ? "wss" : "ws")://localhost:\(server.port)/count"
        let caFile = isSecure ? folder.file("ca.pem") : nil
        let few = try Self.allocations(address, caFile: caFile, messages: 2000, in: folder)
        let many = try Self.allocations(address, caFile: caFile, messages: 12000, in: folder)
        #expect(few > 0)
        // Buffers may still double when more bytes happen to come at once.
        #expect(many - few < 40, "\(few) allocations for 2000 messages, \(many) for 12000")
    }
}
