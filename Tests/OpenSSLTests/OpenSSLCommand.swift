import Glibc
import TestSupport
import Testing

/// Debian's own `openssl` program, which makes keys and certificates and plays the server.
enum OpenSSLCommand {
    /// Starts the program in `folder`; what it says goes to `log` there, what it shall say is read from `input`.
    static func start(_ arguments: [String], in folder: TemporaryFolder, log: String, input: Int32 = -1) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if input >= 0 {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_addopen(&actions, 1, folder.file(log), O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        let shell = ["sh", "-c", "cd \"$0\" && exec openssl \"$@\"", folder.path]
        var words = (shell + arguments).map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        var process: pid_t = 0
        let status = posix_spawnp(&process, "sh", &actions, nil, &words, environ)
        try #require(status == 0, "sh cannot be started")
        return process
    }

    /// Runs the program to its end and gives what it said.
    @discardableResult
    static func run(_ arguments: [String], in folder: TemporaryFolder) throws -> String {
        let log = "log-\(UInt32.random(in: 0...UInt32.max))"
        let process = try start(arguments, in: folder, log: log)
        var status: Int32 = 0
        waitpid(process, &status, 0)
        let said = folder.text(log) ?? ""
        try #require(status == 0, "openssl \(arguments.joined(separator: " ")): \(said)")
        return said
    }
}
