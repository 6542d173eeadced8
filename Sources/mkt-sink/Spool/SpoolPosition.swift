import Glibc
import JSON
import UnixTool

/// How far a database has come in the log: a small file beside it, `sqlite-1a2b3c4d.position`.
struct SpoolPosition: Sendable {
    static let suffix = ".position"

    let path: String
    /// The database, without password.
    let target: String

    init(directory: String, kind: String, target: String) {
        var text = target
        let hash = text.withUTF8 { CRC32C.extend(0, $0) }
        path = "\(directory)/\(kind)-\(CRC32C.text(hash))\(SpoolPosition.suffix)"
        self.target = target
    }

    /// Notes the number of the first line that the database has not. The file is not on the disk for sure before `sync`.
    func write(_ number: Int64) throws(ToolFailure) {
        let text = SpoolPosition.text(number, target)
        do {
            try TextFile.replace(path, with: text)
        } catch {
            // On a full disk there is no room for a second file, but for the same bytes in the first.
            guard overwrite(text) else { throw error }
        }
    }

    private func overwrite(_ text: String) -> Bool {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var text = text
        return text.withUTF8 { bytes in
            guard Int(lseek(descriptor, 0, SEEK_END)) == bytes.count else { return false }
            return pwrite(descriptor, bytes.baseAddress, bytes.count, 0) == bytes.count
        }
    }

    /// Always of one length for a database: `{"crc32c":"1a2b3c4d","number":12345,"target":"sqlite:/data/mkt.db"}` and blanks.
    private static func text(_ number: Int64, _ target: String) -> String {
        var buffer = ByteBuffer(capacity: 256)
        buffer.append("\"number\":")
        buffer.append(integer: number)
        buffer.append(",\"target\":")
        buffer.append(string: target)
        buffer.append("}")
        let blanks = String(repeating: " ", count: 20 - String(number).utf8.count)
        return "{\"crc32c\":\"\(CRC32C.text(CRC32C.extend(0, buffer.bytes)))\"," + String(decoding: buffer.bytes, as: UTF8.self) + blanks
            + "\n"
    }

    func sync() throws(ToolFailure) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw ToolFailure(.ioError, "cannot open \(path): \(SystemError.text()); check the directory of --spool")
        }
        defer { close(descriptor) }
        try DiskWrite.sync(descriptor, path)
    }

    /// What a position file tells.
    struct Told {
        let number: Int64
        let target: String

        /// nil if the text is not one of ours, such as half of one.
        init?(_ text: String) {
            var text = text
            guard let told = text.withUTF8({ try? Told.read($0) }) else { return nil }
            self = told
        }

        private init(number: Int64, target: String) {
            self.number = number
            self.target = target
        }

        private static func read(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONError) -> Told? {
            var scanner = JSONScanner(bytes)
            var (number, target): (Int64?, String?)
            try scanner.beginObject()
            while let key = try scanner.nextKey() {
                switch key.string {
                case "number": number = Int64(try scanner.number().string)
                case "target": target = try scanner.string().string
                default: try scanner.skipValue()
                }
            }
            try scanner.finish()
            // Whatever is not just what we would write was changed by something else.
            guard let number, number >= 0, let target, bytes.elementsEqual(SpoolPosition.text(number, target).utf8) else { return nil }
            return Told(number: number, target: target)
        }
    }
}
