import COpenSSL

/// SHA-256 in the middle of its work, as a value: an assignment is a copy, and nothing is ever allocated.
///
/// For many endings of one beginning; `Digest` is for everything else.
public struct SHA256State: Sendable {
    public static let byteCount = 32

    private var state = SHA256_CTX()

    public init() {
        let isReady = mktpipe_sha256_begin(&state)
        precondition(isReady == 1, "libcrypto refused to start a hash")
    }

    public mutating func update(_ bytes: UnsafeBufferPointer<UInt8>) {
        let isTaken = mktpipe_sha256_update(&state, bytes.baseAddress, bytes.count)
        precondition(isTaken == 1, "libcrypto refused bytes to hash")
    }

    /// The first eight bytes of the hash of what was taken in, the first byte highest. `SHA256State()` or a copy comes next.
    public mutating func finishShort() -> UInt64 {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: SHA256State.byteCount) { hash in
            let isDone = mktpipe_sha256_finish(&state, hash.baseAddress)
            precondition(isDone == 1, "libcrypto refused to finish a hash")
            return hash.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        }
    }
}
