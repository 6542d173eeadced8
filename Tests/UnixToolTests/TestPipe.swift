import Glibc

/// A pipe whose ends a test closes when it likes.
final class TestPipe {
    let readEnd: Int32
    let writeEnd: Int32
    private var isReadOpen = true
    private var isWriteOpen = true

    init() {
        var ends: [Int32] = [0, 0]
        // Closed in the children of exit tests, which would otherwise keep it open.
        precondition(pipe(&ends) == 0)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (readEnd, writeEnd) = (ends[0], ends[1])
        // A reader that is gone must show as EPIPE here, as it does in the tools.
        signal(SIGPIPE, SIG_IGN)
    }

    deinit {
        closeRead()
        closeWrite()
    }

    func closeRead() {
        if isReadOpen { close(readEnd) }
        isReadOpen = false
    }

    func closeWrite() {
        if isWriteOpen { close(writeEnd) }
        isWriteOpen = false
    }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        precondition(write(writeEnd, bytes, bytes.count) == bytes.count)
    }

    /// What is in the pipe now, without waiting for more.
    func received() -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            var polls = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
            guard poll(&polls, 1, 0) == 1, polls.revents & Int16(POLLIN) != 0 else { break }
            let count = read(readEnd, &chunk, chunk.count)
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

func makeFolder(_ path: String) -> Bool { mkdir(path, 0o700) == 0 }
