import Glibc

/// The name of a program and its arguments, and what it finds in its environment.
public enum ProgramWords {
    /// What may hold secrets of ours, or names where they are: a program of somebody else does not get it.
    private static let withheld = ["MKT_", "PM_FEED_", "POLYMARKET_", "KALSHI_", "PG", "DATABASE_URL"]

    /// Why a program cannot be started, in words; nil if it can.
    public static func fault(_ name: String, path: String?) -> String? {
        guard !name.utf8.contains(UInt8(ascii: "/")) else {
            return isProgram(name) ? nil : "there is no program \(name) that may be run"
        }
        let folders = (path ?? "").split(separator: ":", omittingEmptySubsequences: false).map { $0.isEmpty ? "." : String($0) }
        return folders.contains { isProgram("\($0)/\(name)") } ? nil : "there is no program '\(name)' in PATH"
    }

    /// The process's environment without what is withheld.
    public static func environment(_ all: [String: String]) -> [String: String] {
        all.filter { variable in !withheld.contains { variable.key.hasPrefix($0) } }
    }

    private static func isProgram(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
    }
}
