public import Glibc

/// A folder of a test's own, gone with the test.
public final class TemporaryFolder {
    public let path: String

    public init() {
        var template = Array("/tmp/mktpipe-test-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!).map { String(cString: $0) } }
        guard let made else { fatalError("mkdtemp refused") }
        path = made
    }

    deinit { TemporaryFolder.remove(path) }

    private static func remove(_ path: String) {
        for name in names(path) { remove("\(path)/\(name)") }
        _ = Glibc.remove(path)
    }

    public func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file and gives its path.
    @discardableResult
    public func write(_ name: String, _ bytes: [UInt8], mode: mode_t = 0o600) -> String {
        let descriptor = open(file(name), O_WRONLY | O_CREAT | O_TRUNC, mode)
        precondition(descriptor >= 0 && Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
        fchmod(descriptor, mode)
        close(descriptor)
        return file(name)
    }

    @discardableResult
    public func write(_ name: String, _ text: String, mode: mode_t = 0o600) -> String {
        write(name, Array(text.utf8), mode: mode)
    }

    /// What a file holds; nil if there is none.
    public func read(_ name: String) -> [UInt8]? {
        TemporaryFolder.read(path: file(name))
    }

    /// What a file holds; nil if there is none.
    public static func read(path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = Glibc.read(descriptor, &chunk, chunk.count), count > 0 { bytes += chunk[..<count] }
        return bytes
    }

    public func text(_ name: String) -> String? { read(name).map { String(decoding: $0, as: UTF8.self) } }

    public var names: [String] { TemporaryFolder.names(path) }

    /// What is in a folder; nothing if it is none.
    static func names(_ path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}
