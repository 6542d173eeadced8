import Glibc

/// A folder of a test's own, gone with the test.
final class TemporaryFolder {
    let path: String

    init() {
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

    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file and gives its path.
    @discardableResult
    func write(_ name: String, _ bytes: [UInt8], mode: mode_t = 0o600) -> String {
        let descriptor = open(file(name), O_WRONLY | O_CREAT | O_TRUNC, mode)
        precondition(descriptor >= 0 && Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
        fchmod(descriptor, mode)
        close(descriptor)
        return file(name)
    }

    @discardableResult
    func write(_ name: String, _ text: String, mode: mode_t = 0o600) -> String {
        write(name, Array(text.utf8), mode: mode)
    }

    /// What a file holds; nil if there is none.
    func read(_ name: String) -> [UInt8]? {
        let descriptor = open(file(name), O_RDONLY)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = Glibc.read(descriptor, &chunk, chunk.count), count > 0 { bytes += chunk[..<count] }
        return bytes
    }

    func text(_ name: String) -> String? { read(name).map { String(decoding: $0, as: UTF8.self) } }

    var names: [String] { TemporaryFolder.names(path) }

    /// What is in a folder; nothing if it is none.
    private static func names(_ path: String) -> [String] {
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

/// A pipe whose ends a test closes when it likes.
final class TestPipe {
    let readEnd: Int32
    let writeEnd: Int32
    private var isReadOpen = true
    private var isWriteOpen = true

    init() {
        var ends: [Int32] = [0, 0]
        // Closed in the children of exit tests, which would otherwise keep it open.
        precondition(pipe(&ends) == 0)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (readEnd, writeEnd) = (ends[0], ends[1])
        // A reader that is gone must show as EPIPE here, as it does in the tools.
        signal(SIGPIPE, SIG_IGN)
    }

    deinit {
        closeRead()
        closeWrite()
    }

    func closeRead() {
        if isReadOpen { close(readEnd) }
        isReadOpen = false
    }

    func closeWrite() {
        if isWriteOpen { close(writeEnd) }
        isWriteOpen = false
    }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        precondition(write(writeEnd, bytes, bytes.count) == bytes.count)
    }

    /// What is in the pipe now, without waiting for more.
    func received() -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            var polls = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
            guard poll(&polls, 1, 0) == 1, polls.revents & Int16(POLLIN) != 0 else { break }
            let count = read(readEnd, &chunk, chunk.count)
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

func makeFolder(_ path: String) -> Bool { mkdir(path, 0o700) == 0 }
