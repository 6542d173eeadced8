import Glibc

/// Small files, whole.
public enum TextFile {
    /// The bytes of a file; nil if there is none.
    public static func read(_ path: String) throws(ToolFailure) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw ToolFailure(.configuration, "cannot open \(path): \(SystemError.text()); check its permissions")
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { break }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw ToolFailure(.configuration, "cannot read \(path): \(SystemError.text())")
            }
            bytes.append(contentsOf: chunk[..<count])
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ToolFailure(.configuration, "\(path) is not UTF-8 text; save it as UTF-8")
        }
        return text
    }

    /// Replaces a file in one step: a reader sees the old text or the new one, never half of it.
    public static func replace(_ path: String, with text: String) throws(ToolFailure) {
        let temporary = "\(path).\(getpid()).tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw ToolFailure(.cannotCreate, "cannot write \(temporary): \(SystemError.text()); check the directory")
        }
        var text = text
        let isWritten = text.withUTF8 { bytes in
            var at = 0
            while at < bytes.count {
                let count = write(descriptor, bytes.baseAddress! + at, bytes.count - at)
                if count < 0 && errno == EINTR { continue }
                if count < 0 { return false }
                at += count
            }
            return true
        }
        let reason = SystemError.text()
        close(descriptor)
        guard isWritten, rename(temporary, path) == 0 else {
            let reason = isWritten ? SystemError.text() : reason
            unlink(temporary)
            throw ToolFailure(.cannotCreate, "cannot write \(path): \(reason); check the directory")
        }
    }
}
