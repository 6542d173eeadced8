import Glibc

/// Names of files.
public enum FilePath {
    /// The one name of a file that does not depend on where we are and what links lead there; the file itself need not be there yet.
    ///
    /// As it was given, if its directory is not there either.
    public static func absolute(_ path: String) -> String {
        if let resolved = resolved(path) { return resolved }
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        guard let resolved = resolved(folder) else { return path }
        return resolved + (resolved.hasSuffix("/") ? "" : "/") + (slash.map { String(path[path.index(after: $0)...]) } ?? path)
    }

    private static func resolved(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
