import Glibc

/// A PostgreSQL server of the tests' own: on a socket in a folder of its own and on a port of loopback, gone with the process at the latest.
///
/// PostgreSQL refuses to run as root, so there it runs as the system's user for it.
public final class PostgresServer: @unchecked Sendable {
    // @unchecked: a test that stops or starts a server has one of its own.
    /// The owner of everything. Over the socket it needs no password, over the port it does.
    public static let owner = "owner"
    public static let password = "owner-secret-4711"

    private static let made: Result<PostgresServer, TestFault> = {
        do { return .success(try PostgresServer()) } catch { return .failure(error as? TestFault ?? TestFault("\(error)")) }
    }()

    /// The one for tests that leave it running; each makes a database or a role for itself.
    public static var shared: PostgresServer { get throws { try made.get() } }

    public let folder: TemporaryFolder
    public let port: Int
    private let programs: PostgresPrograms
    private var program: ChildProgram?
    private var startCount = 0

    public init() throws {
        programs = try PostgresPrograms()
        folder = TemporaryFolder()
        port = try LoopbackPort.free()
        if let user = programs.user { chown(folder.path, user.uid, user.gid) }
        chmod(folder.path, 0o755)
        let secret = folder.write("password", PostgresServer.password, mode: 0o644)
        let words = [
            "-D", "\(folder.path)/data", "-U", PostgresServer.owner, "--auth-local=trust", "--auth-host=scram-sha-256",
            "--pwfile=\(secret)", "--no-sync", "--no-instructions", "-E", "UTF8", "--locale=C",
        ]
        let status = try ChildProgram(programs.command("initdb", words), in: folder, log: "initdb.log").wait()
        guard status == 0 else { throw TestFault("initdb: \(folder.text("initdb.log") ?? "")") }
        try start()
    }

    deinit { end() }

    /// An address over the socket, as the owner, without a password.
    public func address(database: String = "postgres", options: String = "") -> String {
        "postgresql://\(PostgresServer.owner)@/\(database)?host=\(folder.path)&port=\(port)\(options)"
    }

    /// An address over the port of loopback.
    public func address(user: String, password: String?, database: String = "postgres") -> String {
        "postgres://\(user)\(password.map { ":\($0)" } ?? "")@127.0.0.1:\(port)/\(database)"
    }

    /// Runs statements as the owner, which may write; the first that fails is a fault.
    public func run(_ sql: String, database: String = "postgres") throws {
        let name = "run-\(UInt32.random(in: 0...UInt32.max))"
        let file = folder.write("\(name).sql", sql, mode: 0o644)
        let words = ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", address(database: database), "-f", file]
        let status = try ChildProgram(programs.command("psql", words), in: folder, log: name).wait()
        guard status == 0 else { throw TestFault("psql: \(folder.text(name) ?? "")") }
    }

    /// Makes an empty database and gives its name.
    public func makeDatabase() throws -> String {
        let name = "test_\(UInt32.random(in: 0...UInt32.max))"
        try run("CREATE DATABASE \(name)")
        return name
    }

    /// Starts it, also again after `kill`, and waits until it can be asked.
    public func start() throws {
        unlink(keptMark)
        try Deadline.wait(for: "the server") {
            // The processes of a server that was killed may hold its memory a moment longer.
            if try isStarted() { return true }
            end()
            return false
        }
    }

    /// Whether a start came to its good end; false where somebody still holds the memory of the one before.
    private func isStarted() throws -> Bool {
        startCount += 1
        let log = "server-\(startCount).log"
        let settings = [
            "listen_addresses=127.0.0.1", "fsync=off", "full_page_writes=off", "shared_buffers=16MB",
            "max_connections=40", "max_wal_senders=0", "wal_level=minimal", "autovacuum=off",
        ]
        let words = ["-D", "\(folder.path)/data", "-k", folder.path, "-p", "\(port)"] + settings.flatMap { ["-c", $0] }
        // However this process ends, the shell sees the end of its input, and takes the server and its folder away.
        let script =
            "folder=$1; shift; \"$@\" & cat > /dev/null; kill -QUIT $! 2> /dev/null; wait; [ -e \"$folder/kept\" ] || rm -rf \"$folder\""
        program = try ChildProgram(
            ["sh", "-c", script, "sh", folder.path] + programs.command("postgres", words), in: folder, log: log)
        var isReady = false
        try Deadline.wait(for: "the server to be ready") {
            let said = folder.text(log) ?? ""
            isReady = said.contains("ready to accept connections")
            let isHeld = said.contains("FATAL") && (said.contains("shared memory block") || said.contains("lock file"))
            guard isReady || isHeld || !said.contains("FATAL") else { throw TestFault("the server did not start: \(said)") }
            return isReady || isHeld
        }
        return isReady
    }

    /// Kills it as a crash would, without a farewell to anybody; `start` starts it again.
    public func kill() throws {
        let told = (folder.text("data/postmaster.pid") ?? "").split(separator: "\n").first
        guard let process = told.flatMap({ pid_t($0) }) else { throw TestFault("no server runs") }
        folder.write("kept", "")
        Glibc.kill(process, SIGKILL)
        end()
    }

    private var keptMark: String { folder.file("kept") }

    private func end() {
        _ = program?.wait()
        program = nil
    }
}
