import COpenSSL

/// A hash function in the middle of its work.
///
/// The memory is taken once; `begin` starts anew without allocating.
public struct Digest: ~Copyable {
    public enum Algorithm: Sendable {
        /// 20 bytes; only where a venue's protocol says so, never for secrets.
        case sha1
        /// 32 bytes.
        case sha256

        public var byteCount: Int { self == .sha1 ? 20 : 32 }
    }

    private let context: OpaquePointer
    private let method: OpaquePointer
    public let algorithm: Algorithm

    public init(_ algorithm: Algorithm) {
        self.algorithm = algorithm
        guard let context = EVP_MD_CTX_new(),
            let method = EVP_MD_fetch(nil, algorithm == .sha1 ? "SHA1" : "SHA256", nil),
            EVP_DigestInit_ex2(context, method, nil) == 1
        else { fatalError("libcrypto has no \(algorithm)") }
        self.context = context
        self.method = method
    }

    deinit {
        EVP_MD_CTX_free(context)
        EVP_MD_free(method)
    }

    /// Forgets what was taken in.
    public mutating func begin() {
        let isReady = EVP_DigestInit_ex2(context, nil, nil)
        precondition(isReady == 1, "libcrypto refused to start a hash")
    }

    public mutating func update(_ bytes: UnsafeBufferPointer<UInt8>) {
        let isTaken = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
        precondition(isTaken == 1, "libcrypto refused bytes to hash")
    }

    /// The hash of what was taken in, into the first `algorithm.byteCount` bytes of `output`; `begin` comes next.
    public mutating func finish(into output: UnsafeMutableBufferPointer<UInt8>) {
        precondition(output.count >= algorithm.byteCount)
        let isDone = EVP_DigestFinal_ex(context, output.baseAddress, nil)
        precondition(isDone == 1, "libcrypto refused to finish a hash")
    }

    /// The hash of `bytes` in lower-case hex. Allocates.
    public static func hex(_ algorithm: Algorithm, of bytes: UnsafeBufferPointer<UInt8>) -> String {
        var digest = Digest(algorithm)
        digest.update(bytes)
        let raw = [UInt8](unsafeUninitializedCapacity: algorithm.byteCount) { buffer, count in
            digest.finish(into: buffer)
            count = algorithm.byteCount
        }
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: raw.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
