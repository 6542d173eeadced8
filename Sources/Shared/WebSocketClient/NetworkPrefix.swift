internal import Glibc

/// An address of IPv4 or IPv6, or all addresses that begin with the same bits (RFC 4632 §3.1).
struct NetworkPrefix {
    private let bytes: [UInt8]
    private let bitCount: Int

    /// Reads `192.0.2.1`, `192.0.2.0/24`, `2001:db8::1` or `2001:db8::/32`, or gives nil.
    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let bytes = NetworkPrefix.bytes(String(first)) else { return nil }
        self.bytes = bytes
        guard parts.count > 1 else {
            bitCount = bytes.count * 8
            return
        }
        guard let count = Int(parts[1]), (0...bytes.count * 8).contains(count) else { return nil }
        bitCount = count
    }

    /// Whether all addresses of the other prefix are of this one.
    func contains(_ other: NetworkPrefix) -> Bool {
        guard bytes.count == other.bytes.count, bitCount <= other.bitCount else { return false }
        return (0..<bitCount).allSatisfy { bit in (bytes[bit / 8] ^ other.bytes[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0 }
    }

    private static func bytes(_ text: String) -> [UInt8]? {
        var (four, six) = (in_addr(), in6_addr())
        if inet_pton(AF_INET, text, &four) == 1 { return withUnsafeBytes(of: four) { Array($0) } }
        if inet_pton(AF_INET6, text, &six) == 1 { return withUnsafeBytes(of: six) { Array($0) } }
        return nil
    }
}
