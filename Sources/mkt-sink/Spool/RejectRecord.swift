import JSON

/// A line of `rejected.ndjson`, as far as it is needed to know what stands there already.
struct RejectRecord {
    let reason: String
    /// Of the line that was set aside.
    let checksum: UInt32

    init(_ line: UnsafeBufferPointer<UInt8>) throws(JSONError) {
        var scanner = JSONScanner(line)
        var (reason, checksum) = ("", UInt32(0))
        var raw = ByteBuffer()
        try scanner.beginObject()
        while let key = try scanner.nextKey() {
            if key.string == "reason" {
                reason = try scanner.string().string
            } else if key.string == "raw" {
                raw.removeAll()
                raw.append(unescaping: try scanner.string())
                checksum = CRC32C.extend(0, raw.bytes)
            } else {
                try scanner.skipValue()
            }
        }
        self.reason = reason
        self.checksum = checksum
    }
}
