import Glibc
import TestSupport

/// A listener on 127.0.0.1 that takes no more connections: who tries to connect hears nothing.
final class FullListener {
    let port: UInt16
    private var descriptors: [Int32]

    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        descriptors = [listener]
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, size) == 0 && getsockname(listener, $0, &size) == 0 }
        }
        port = UInt16(bigEndian: address.sin_port)
        guard isBound, listen(listener, 0) == 0 else { throw TestFault("no listener") }
        for _ in 0..<16 {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
            descriptors.append(descriptor)
            withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = connect(descriptor, $0, size) }
            }
        }
        // Connections beyond the queue stay in SYN_SENT.
        var waiting = pollfd(fd: descriptors[16], events: Int16(POLLOUT), revents: 0)
        guard poll(&waiting, 1, 100) == 0 else { throw TestFault("the kernel's queue has no end") }
    }

    deinit { descriptors.forEach { _ = close($0) } }
}
