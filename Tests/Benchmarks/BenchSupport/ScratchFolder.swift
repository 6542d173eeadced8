internal import Glibc

/// A folder for what a path writes, or must read from a file; it goes with the process.
public enum ScratchFolder {
    // Only the main thread measures.
    nonisolated(unsafe) private static var made: String?
    nonisolated(unsafe) private static var number = 0

    /// A new name in the folder, which lies in memory where there is such a place.
    public static func path(_ name: String) -> String {
        number += 1
        return "\(folder())/\(number)-\(name)"
    }

    /// Writes a small file and gives its path.
    public static func file(_ name: String, _ text: String) throws -> String {
        let path = path(name)
        guard let file = fopen(path, "w") else { throw BenchFailure(description: "\(path) cannot be written") }
        defer { fclose(file) }
        fputs(text, file)
        return path
    }

    private static func folder() -> String {
        if let made { return made }
        let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        var template = Array("\(parent)/mkt-bench-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { fatalError("no folder can be made in \(parent)") }
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        made = path
        atexit { if let made = ScratchFolder.made { ScratchFolder.remove(made) } }
        return path
    }

    /// Takes a file away, or a folder with what is in it.
    private static func remove(_ path: String) {
        guard unlink(path) != 0 else { return }
        if let folder = opendir(path) {
            defer { closedir(folder) }
            while let entry = readdir(folder) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
                if name != ".", name != ".." { remove("\(path)/\(name)") }
            }
        }
        rmdir(path)
    }
}
