import Glibc
import TestSupport

/// A name server that never answers, for this process alone: its mount namespace gets another resolv.conf. Needs root.
final class SilentResolver {
    private let descriptor: Int32

    init(in folder: TemporaryFolder) throws {
        descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        // Any address of 127.0.0.0/8 is ours; two runs at a time should not meet.
        let host = 0x7F00_0002 + UInt32.random(in: 0..<0xFF_FF00)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(53).bigEndian
        address.sin_addr.s_addr = host.bigEndian
        let isBound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 }
        }
        let text = [24, 16, 8, 0].map { String(host >> $0 & 0xFF) }.joined(separator: ".")
        let path = folder.write("resolv.conf", "nameserver \(text)\n", mode: 0o644)
        guard isBound, SilentResolver.replace("/etc/resolv.conf", by: path) else { throw TestFault("no namespace: \(errno)") }
    }

    deinit { close(descriptor) }

    /// Both calls are GNU's and not in Swift's Glibc.
    private static func replace(_ path: String, by other: String) -> Bool {
        typealias Unshare = @convention(c) (Int32) -> Int32
        typealias Mount =
            @convention(c) (UnsafePointer<CChar>?, UnsafePointer<CChar>, UnsafePointer<CChar>?, UInt, UnsafeRawPointer?) -> Int32
        guard let unshare = dlsym(nil, "unshare"), let mount = dlsym(nil, "mount") else { return false }
        let (newNamespace, isRecursive, isPrivate, isBound): (Int32, UInt, UInt, UInt) = (0x20000, 0x4000, 0x40000, 0x1000)
        let mounted = unsafeBitCast(mount, to: Mount.self)
        return unsafeBitCast(unshare, to: Unshare.self)(newNamespace) == 0 && mounted(nil, "/", nil, isRecursive | isPrivate, nil) == 0
            && mounted(other, path, nil, isBound, nil) == 0
    }
}
