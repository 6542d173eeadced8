internal import Glibc

/// An address that a TCP socket connects to.
struct SocketAddress: Sendable {
    private let storage: sockaddr_storage
    private let byteCount: socklen_t

    init?(_ address: UnsafePointer<sockaddr>?, byteCount: socklen_t) {
        guard let address, Int(byteCount) <= MemoryLayout<sockaddr_storage>.size else { return nil }
        var storage = sockaddr_storage()
        memcpy(&storage, address, Int(byteCount))
        self.storage = storage
        self.byteCount = byteCount
    }

    var family: Int32 { Int32(storage.ss_family) }

    /// Begins to connect without waiting; zero or EINPROGRESS if all is well, else the system's error.
    func connect(_ descriptor: Int32) -> Int32 {
        let status = withUnsafePointer(to: storage) {
            Glibc.connect(descriptor, UnsafeRawPointer($0).assumingMemoryBound(to: sockaddr.self), byteCount)
        }
        // An interrupted connect goes on by itself (connect(2)).
        return status == 0 ? 0 : errno == EINTR ? EINPROGRESS : errno
    }

    /// The addresses in the order in which they are tried: the families take turns, the system's first one begins (RFC 8305 §4).
    static func interleaved(_ addresses: [SocketAddress]) -> [SocketAddress] {
        let first = addresses.filter { $0.family == addresses[0].family }
        let others = addresses.filter { $0.family != addresses[0].family }
        var ordered: [SocketAddress] = []
        for place in 0..<max(first.count, others.count) {
            if place < first.count { ordered.append(first[place]) }
            if place < others.count { ordered.append(others[place]) }
        }
        return ordered
    }
}
