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
        let digits = String(hash, radix: 16)
        path = "\(directory)/\(kind)-\(String(repeating: "0", count: 8 - digits.count))\(digits)\(SpoolPosition.suffix)"
        self.target = target
    }

    /// Notes the number of the first line that the database has not. The file is not on the disk for sure before `sync`.
    func write(_ number: Int64) throws(ToolFailure) {
        var buffer = ByteBuffer(capacity: 256)
        buffer.append("{\"number\":")
        buffer.append(integer: number)
        buffer.append(",\"target\":")
        buffer.append(string: target)
        buffer.append("}\n")
        try TextFile.replace(path, with: String(decoding: buffer.bytes, as: UTF8.self))
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
            guard let number, number >= 0, let target else { return nil }
            return Told(number: number, target: target)
        }
    }
}
