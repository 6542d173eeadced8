import Glibc

/// Starts a program of somebody else: no shell, a process group of its own, our standard error, the usual signals.
enum ProgramStart {
    /// - Parameters:
    ///   - words: Its name, looked up in PATH unless it has a slash, and its arguments.
    ///   - environment: All of its environment.
    ///   - reading: What becomes its standard input; nil for nothing to read.
    ///   - writing: What becomes its standard output; nil for nowhere.
    ///   - keeping: What it has as its descriptor 3, and hands on to what it starts itself; nil for nothing.
    /// - Returns: Its process, and a number of `errno`, 0 if it was started.
    static func start(
        _ words: [String], _ environment: [String: String], reading: Int32?, writing: Int32?, keeping: Int32? = nil
    ) -> (id: pid_t, code: Int32) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, descriptor, mode) in [(Int32(0), reading, O_RDONLY), (1, writing, O_WRONLY)] {
            if let descriptor {
                posix_spawn_file_actions_adddup2(&actions, descriptor, number)
            } else {
                posix_spawn_file_actions_addopen(&actions, number, "/dev/null", mode, 0)
            }
        }
        // The same number twice is fine: that clears its FD_CLOEXEC.
        if let keeping { posix_spawn_file_actions_adddup2(&actions, keeping, 3) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // We ignore SIGPIPE; a program that does not expect that would write on for ever.
        var (none, usual) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigemptyset(&usual)
        sigaddset(&usual, SIGPIPE)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &usual)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
        var arguments = words.map { strdup($0) } + [nil]
        var variables = environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (arguments + variables).forEach { free($0) } }
        var id: pid_t = 0
        let code = posix_spawnp(&id, words[0], &actions, &attributes, &arguments, &variables)
        return (id, code)
    }

    /// `ended with status 3`, or by which signal.
    static func text(ofEnd status: Int32) -> String {
        let signal = status & 0x7F
        return signal == 0 ? "ended with status \(status >> 8 & 0xFF)" : "was ended by signal \(signal)"
    }
}
