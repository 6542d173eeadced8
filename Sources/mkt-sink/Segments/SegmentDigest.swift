import OpenSSL

/// The SHA-256 of a segment, while it grows.
struct SegmentDigest: ~Copyable {
    private var digest = Digest(.sha256)

    mutating func update(_ bytes: UnsafeBufferPointer<UInt8>) { digest.update(bytes) }

    /// In lower-case hex, once.
    mutating func finish() -> String {
        var raw = [UInt8](repeating: 0, count: Digest.Algorithm.sha256.byteCount)
        raw.withUnsafeMutableBufferPointer { digest.finish(into: $0) }
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: raw.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
