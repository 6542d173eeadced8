import Glibc

/// A port of loopback that nobody listens on, for as long as the tests run.
enum ClosedPort {
    /// Bound, of both families, and never listened to: connections are refused, and nobody else gets it.
    static let number: Int = {
        let descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var off: Int32 = 0
        setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &off, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let status = withUnsafeMutablePointer(to: &address) {
            let generic = UnsafeMutableRawPointer($0).assumingMemoryBound(to: sockaddr.self)
            return bind(descriptor, generic, size) | getsockname(descriptor, generic, &size)
        }
        precondition(status == 0, "no port can be bound")
        return Int(UInt16(bigEndian: address.sin6_port))
    }()
}
