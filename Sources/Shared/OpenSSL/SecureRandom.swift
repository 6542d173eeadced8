import COpenSSL

/// Numbers that nobody can foretell, from libcrypto's generator (RAND_bytes(3)).
public struct SecureRandom: RandomNumberGenerator, Sendable {
    public init() {}

    /// Fills the whole of `buffer`.
    public func fill(_ buffer: UnsafeMutableBufferPointer<UInt8>) {
        guard !buffer.isEmpty else { return }
        let isFilled = RAND_bytes(buffer.baseAddress, Int32(buffer.count))
        precondition(isFilled == 1, "libcrypto has no random numbers")
    }

    public func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            fill(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
            filled = count
        }
    }

    public mutating func next() -> UInt64 {
        bytes(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
