internal import Glibc
internal import OpenSSL

/// A connected socket, plain or with TLS on it, that is read and written without waiting.
final class Transport {
    enum Received {
        case bytes(Int)
        /// Nothing has come.
        case nothing
        /// The peer has ended what it sends, over TLS with close_notify.
        case ended
        case failed(Fault)
    }

    enum Sent {
        case bytes(Int)
        case blocked
        case failed(Fault)
    }

    enum Fault: Equatable {
        case system(Int32)
        case tls(TLSError)
    }

    private var descriptor: Int32
    private var tls: TLSConnection?
    /// TLS may hold bytes that wake no poll.
    private(set) var hasPending = false
    /// What must become possible before reading, and before writing, goes on.
    private var readEvents = Int16(POLLIN)
    private var writeEvents = Int16(POLLOUT)

    /// Owns a connected, non-blocking socket.
    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close() }

    func appendPolls(_ polls: inout [pollfd], isSending: Bool) {
        guard descriptor >= 0 else { return }
        polls.append(pollfd(fd: descriptor, events: isSending ? readEvents | writeEvents : readEvents, revents: 0))
    }

    /// Puts TLS on the socket; `handshake` is next.
    func secure(_ context: TLSContext, hostName: String) throws(TLSError) {
        tls = try TLSConnection(context, descriptor: descriptor, hostName: hostName)
        readEvents = Int16(POLLOUT)
    }

    /// Goes on with the handshake of TLS; true once it is done.
    func handshake() throws(TLSError) -> Bool {
        guard let tls else { return true }
        switch try tls.handshake() {
        case .read: readEvents = Int16(POLLIN)
        case .write: readEvents = Int16(POLLOUT)
        case .done:
            readEvents = Int16(POLLIN)
            hasPending = true
            return true
        }
        return false
    }

    /// Reads what is there, at most as much as there is room for.
    func receive(into room: UnsafeMutableBufferPointer<UInt8>) -> Received {
        if let tls { return receive(tls, UnsafeMutableRawBufferPointer(room)) }
        while true {
            let count = recv(descriptor, room.baseAddress, room.count, 0)
            if count > 0 { return .bytes(count) }
            if count == 0 { return .ended }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .nothing
            case let error: return .failed(.system(error))
            }
        }
    }

    /// One record after the other until there is no more; an end behind bytes is told by the next call.
    private func receive(_ tls: TLSConnection, _ room: UnsafeMutableRawBufferPointer) -> Received {
        var count = 0
        hasPending = true
        do throws(TLSError) {
            while count < room.count {
                switch try tls.read(into: UnsafeMutableRawBufferPointer(rebasing: room[count...])) {
                case .bytes(let more): count += more
                case .wantsRead:
                    (hasPending, readEvents) = (false, Int16(POLLIN))
                    return count > 0 ? .bytes(count) : .nothing
                case .wantsWrite:
                    (hasPending, readEvents) = (false, Int16(POLLOUT))
                    return count > 0 ? .bytes(count) : .nothing
                case .closed: return count > 0 ? .bytes(count) : .ended
                }
            }
        } catch {
            return count > 0 ? .bytes(count) : .failed(.tls(error))
        }
        return .bytes(count)
    }

    /// Sends from the start of the bytes, which must begin with what was not taken before.
    func send(_ bytes: UnsafeRawBufferPointer) -> Sent {
        if let tls { return send(tls, bytes) }
        while true {
            let count = Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            if count >= 0 { return .bytes(count) }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .blocked
            case let error: return .failed(.system(error))
            }
        }
    }

    private func send(_ tls: TLSConnection, _ bytes: UnsafeRawBufferPointer) -> Sent {
        do throws(TLSError) {
            switch try tls.write(bytes) {
            case .bytes(let count):
                writeEvents = Int16(POLLOUT)
                return .bytes(count)
            case .wantsRead: writeEvents = Int16(POLLIN)
            case .wantsWrite: writeEvents = Int16(POLLOUT)
            }
            return .blocked
        } catch {
            return .failed(.tls(error))
        }
    }

    /// Tells the peer that no more comes, and goes on reading.
    func endSending() {
        _ = try? tls?.shutdown()
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Closes the socket, over TLS with a close_notify if there is room for it.
    func close() {
        guard descriptor >= 0 else { return }
        _ = try? tls?.shutdown()
        Glibc.close(descriptor)
        descriptor = -1
    }
}
