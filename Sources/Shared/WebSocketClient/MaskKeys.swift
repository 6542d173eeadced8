internal import OpenSSL

/// Mask keys that nobody can foretell (RFC 6455 §5.3), drawn many at a time.
struct MaskKeys: ~Copyable {
    private static let count = 1024
    private let keys = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: MaskKeys.count)
    private var used = MaskKeys.count

    deinit { keys.deallocate() }

    mutating func next() -> UInt32 {
        if used == MaskKeys.count {
            keys.initialize(repeating: 0)
            keys.withMemoryRebound(to: UInt8.self) { SecureRandom().fill($0) }
            used = 0
        }
        used += 1
        return keys[used - 1]
    }
}
