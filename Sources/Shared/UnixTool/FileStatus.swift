import Glibc

/// What the system tells of a file, links followed.
public struct FileStatus {
    /// What is the same for all names of a file, and for no other file of this machine.
    public struct Identity: Hashable, Sendable {
        private let device: UInt64
        private let inode: UInt64

        fileprivate init(_ status: stat) { (device, inode) = (UInt64(status.st_dev), UInt64(status.st_ino)) }
    }

    private let status: stat

    /// nil if there is none that can be reached; `errno` says why.
    public init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.status = status
    }

    public init?(descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        self.status = status
    }

    public var isRegular: Bool { status.st_mode & S_IFMT == S_IFREG }
    public var isDirectory: Bool { status.st_mode & S_IFMT == S_IFDIR }
    public var identity: Identity { Identity(status) }
    public var bytes: Int64 { Int64(status.st_size) }
}
