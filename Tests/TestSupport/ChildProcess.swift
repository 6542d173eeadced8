public import Glibc

/// A program that a test starts, and ends by its id.
public enum ChildProcess {
    /// Starts a program in `folder`; what it says goes to `log` there, what it shall say is read from `input`.
    public static func start(
        _ words: [String], in folder: TemporaryFolder, log: String, input: Int32 = -1
    ) throws -> pid_t {
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
        // Else a server that outlives its test would keep open whatever waits for the test's end.
        for descriptor in 3..<Int32(256) { posix_spawn_file_actions_addclose(&actions, descriptor) }
        let shell = ["sh", "-c", "cd \"$0\" && exec \"$@\"", folder.path]
        var arguments = (shell + words).map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        // The threads of tests have signals blocked, and a child would inherit that: its own alarm could not end it.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var process: pid_t = 0
        let status = posix_spawnp(&process, "sh", &actions, &attributes, &arguments, environ)
        guard status == 0 else { throw TestFault("sh cannot be started") }
        return process
    }

    /// Waits for the end and gives the status of wait(2).
    @discardableResult
    public static func end(of process: pid_t) -> Int32 {
        var status: Int32 = 0
        waitpid(process, &status, 0)
        return status
    }
}
