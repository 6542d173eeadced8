import COpenSSL

/// SHA-1 in the middle of its work, as a value: an assignment is a copy, and nothing is ever allocated.
///
/// For many endings of one beginning. Only where a venue's protocol says SHA-1, never for secrets. `Digest` is for everything else.
public struct SHA1State {
    public static let byteCount = 20

    private var state = SHA_CTX()

    public init() {
        let isReady = mktpipe_sha1_begin(&state)
        precondition(isReady == 1, "libcrypto refused to start a hash")
    }

    public mutating func update(_ bytes: UnsafeBufferPointer<UInt8>) {
        let isTaken = mktpipe_sha1_update(&state, bytes.baseAddress, bytes.count)
        precondition(isTaken == 1, "libcrypto refused bytes to hash")
    }

    /// The hash of what was taken in, into the first `byteCount` bytes of `output`. The state itself stays as it is.
    public func finish(into output: UnsafeMutableBufferPointer<UInt8>) {
        precondition(output.count >= SHA1State.byteCount)
        var last = state
        let isDone = mktpipe_sha1_finish(&last, output.baseAddress)
        precondition(isDone == 1, "libcrypto refused to finish a hash")
    }
}
