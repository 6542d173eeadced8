public import JSON

/// What a manifest tells of a sealed segment, a JSON line each (`docs/storage.md`).
public struct SegmentRecord: Equatable, Sendable {
    /// The file's name in the folder of the manifest.
    public var name: String
    /// The feed as its lines spell it.
    public var feed: String
    public var lines: Int64
    /// Bytes of the file before any compression.
    public var bytes: Int64
    /// The least and the greatest `recv_us` of its lines.
    public var first: Int64
    public var last: Int64
    /// Of the same bytes, in lower-case hex.
    public var sha256: String

    public init(name: String, feed: String, lines: Int64, bytes: Int64, first: Int64, last: Int64, sha256: String) {
        (self.name, self.feed, self.lines, self.bytes) = (name, feed, lines, bytes)
        (self.first, self.last, self.sha256) = (first, last, sha256)
    }

    /// Reads a line of a manifest, without its newline; nil if it is none. Keys that are not known are passed over.
    public init?(line: UnsafeBufferPointer<UInt8>) {
        self.init(name: "", feed: "", lines: -1, bytes: -1, first: 0, last: 0, sha256: "")
        var hasFirst = false
        var hasLast = false
        do throws(JSONError) {
            var scanner = JSONScanner(line)
            try scanner.beginObject()
            while let key = try scanner.nextKey() {
                switch key.string {
                case "name": name = try scanner.string().string
                case "feed": feed = try scanner.string().string
                case "sha256": sha256 = try scanner.string().string
                case "lines": lines = try scanner.number().integer ?? -1
                case "bytes": bytes = try scanner.number().integer ?? -1
                case "first_recv_us":
                    hasFirst = true
                    first = try scanner.number().integer ?? .min
                case "last_recv_us":
                    hasLast = true
                    last = try scanner.number().integer ?? .max
                default: try scanner.skipValue()
                }
            }
            try scanner.finish()
        } catch {
            return nil
        }
        guard !name.isEmpty, lines >= 0, bytes >= 0, hasFirst, hasLast else { return nil }
    }

    /// Writes it as a line, with its newline.
    public func append(to buffer: inout ByteBuffer) {
        buffer.append("{\"name\":")
        buffer.append(string: name)
        buffer.append(",\"feed\":")
        buffer.append(string: feed)
        buffer.append(",\"lines\":")
        buffer.append(integer: lines)
        buffer.append(",\"bytes\":")
        buffer.append(integer: bytes)
        buffer.append(",\"first_recv_us\":")
        buffer.append(integer: first)
        buffer.append(",\"last_recv_us\":")
        buffer.append(integer: last)
        buffer.append(",\"sha256\":")
        buffer.append(string: sha256)
        buffer.append("}\n")
    }
}
