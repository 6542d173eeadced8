import Glibc

/// Debian's own `openssl` program, which makes keys and certificates and plays the server.
public enum OpenSSLCommand {
    /// Runs the program in `folder` to its end and gives what it said.
    @discardableResult
    public static func run(_ arguments: [String], in folder: TemporaryFolder) throws -> String {
        let log = "log-\(UInt32.random(in: 0...UInt32.max))"
        let status = try ChildProgram(["openssl"] + arguments, in: folder, log: log).wait()
        let said = folder.text(log) ?? ""
        guard status == 0 else { throw TestFault("openssl \(arguments.joined(separator: " ")): \(said)") }
        return said
    }
}
