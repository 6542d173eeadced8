import Glibc

/// Names of files.
public enum FilePath {
    /// The one name of a file that does not depend on where we are and what links lead there; as it was given if there is no such file.
    public static func absolute(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
