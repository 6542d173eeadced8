import Glibc

/// The names in a directory.
public enum DirectoryListing {
    /// All of them but `.` and `..`, in rising byte order; nil if it cannot be read to its end, and `errno` says why.
    ///
    /// A name that is not UTF-8 comes with U+FFFD where it is not, so it names no file.
    public static func names(_ path: String) -> [String]? {
        guard let directory = opendir(path) else { return nil }
        defer {
            let code = errno
            closedir(directory)
            errno = code
        }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(directory) else { break }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(cString: $0.assumingMemoryBound(to: CChar.self).baseAddress!)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        guard errno == 0 else { return nil }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}
