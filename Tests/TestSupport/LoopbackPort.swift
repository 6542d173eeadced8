import Glibc

/// A socket on 127.0.0.1 that a test listens on, or only holds.
public final class LoopbackPort {
    public let number: Int
    private let descriptor: Int32

    /// - Parameter isListening: Whether connections are accepted by the system, though nobody answers on them; else they are refused.
    public init(isListening: Bool) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let (socket, listening) = (descriptor, isListening)
        let status = withUnsafeMutablePointer(to: &address) {
            let generic = UnsafeMutableRawPointer($0).assumingMemoryBound(to: sockaddr.self)
            return bind(socket, generic, size) | (listening ? listen(socket, 8) : 0) | getsockname(socket, generic, &size)
        }
        guard status == 0 else { throw TestFault("no port of loopback can be bound") }
        number = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit { close(descriptor) }

    /// Whether somebody has connected.
    public var hasCaller: Bool {
        var polls = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&polls, 1, 0) == 1
    }

    /// A port that nobody had a moment ago.
    public static func free() throws -> Int { try LoopbackPort(isListening: false).number }
}
