internal import JSON

/// Turns a server's bytes, in whatever pieces they come, into messages and control frames (RFC 6455 §5).
///
///      0               1               2               3
///     +-+-+-+-+-------+-+-------------+-------------------------------+
///     |F|R|R|R| opcode|M| length 7    | length 16, if 126; or         |
///     |I|S|S|S|  (4)  |A|             | length 64, if 127             |
///     |N|V|V|V|       |S|             |                               |
///     +-+-+-+-+-------+-+-------------+-------------------------------+
///
/// Call `next` until it gives nil, then bring more bytes. What it gives points into the decoder's memory, which grows to the longest
/// message and is used again: a decoder that has warmed up allocates nothing. Beyond a mebibyte it is given back.
public struct WebSocketFrameDecoder: ~Copyable {
    private enum Awaited {
        case header
        /// A 16-bit or 64-bit length.
        case length(Header, bytes: Int)
        case payload(Header, count: Int)
        /// The server has closed; what follows is not ours to read (§5.5.1).
        case nothing
        /// The bytes broke a rule, so where frames begin is unknown.
        case nothingAfter(WebSocketError)
    }

    private struct Header {
        let opcode: WebSocketOpcode
        let isFinal: Bool
    }

    private let frameBytesMax: Int
    private let messageBytesMax: Int
    private var awaited = Awaited.header
    private var input: ByteBuffer
    /// Bytes of `input` that are dealt with.
    private var taken = 0
    /// Bytes of the awaited payload that are known to be UTF-8.
    private var checked = 0
    /// Whole at the end of every text message: one that ends inside a character is refused.
    private var utf8 = UTF8Validator()
    /// The kind of the message whose fragments are coming, text or binary.
    private var fragmented: WebSocketOpcode?
    /// Fragments so far, or the last fragmented message given.
    private var message = ByteBuffer()

    /// A decoder that refuses longer frames and messages, so that a server cannot fill our memory; lengths are in bytes.
    public init(frameBytesMax: Int = 64 << 20, messageBytesMax: Int = 64 << 20, capacity: Int = 1 << 16) {
        self.frameBytesMax = frameBytesMax
        self.messageBytesMax = messageBytesMax
        input = ByteBuffer(capacity: capacity)
    }

    /// Where a socket may write up to `room` bytes; `commit` tells how many there were. Ends the views given so far.
    public mutating func spare(_ room: Int) -> UnsafeMutableBufferPointer<UInt8> {
        dropTaken()
        return UnsafeMutableBufferPointer(start: input.spare(room), count: room)
    }

    /// Counts in bytes that were written through `spare`.
    public mutating func commit(_ written: Int) { input.commit(written) }

    /// Brings more bytes. Ends the views given so far.
    public mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        dropTaken()
        input.append(bytes)
    }

    /// Moving nothing is worth a look: half a large message may be waiting, and bytes come in small pieces.
    private mutating func dropTaken() {
        guard taken > 0 else { return }
        input.removeFirst(taken)
        taken = 0
        input.giveBack()
        guard fragmented == nil else { return }
        message.removeAll()
        message.giveBack()
    }

    /// The next event, or nil if more bytes are needed or the server has closed. An error comes again at every later call.
    public mutating func next() throws(WebSocketError) -> WebSocketEvent? {
        do throws(WebSocketError) {
            return try step()
        } catch {
            awaited = .nothingAfter(error)
            throw error
        }
    }

    private mutating func step() throws(WebSocketError) -> WebSocketEvent? {
        while true {
            let waiting = input.count - taken
            switch awaited {
            case .header:
                guard waiting >= 2 else { return nil }
                try takeHeader()
            case .length(let header, let bytes):
                guard waiting >= bytes else { return nil }
                try takeLength(header, bytes)
            case .payload(let header, let count):
                try checkText(header, upTo: min(waiting, count))
                guard waiting >= count else { return nil }
                if let event = try takePayload(header, count) { return event }
            case .nothing:
                return nil
            case .nothingAfter(let error):
                throw error
            }
        }
    }

    private mutating func takeHeader() throws(WebSocketError) {
        let (first, second) = (input.bytes[taken], input.bytes[taken + 1])
        guard first & 0x70 == 0 else { throw .reservedBits }
        guard let opcode = WebSocketOpcode(rawValue: first & 0x0F) else { throw .reservedOpcode(first & 0x0F) }
        guard second & 0x80 == 0 else { throw .maskedFrame }
        let header = Header(opcode: opcode, isFinal: first & 0x80 != 0)
        if opcode.isControl {
            guard header.isFinal else { throw .fragmentedControl }
            guard second <= 125 else { throw .controlTooLong }
        } else if opcode == .continuation {
            guard fragmented != nil else { throw .unexpectedContinuation }
        } else {
            guard fragmented == nil else { throw .unfinishedMessage }
        }
        taken += 2
        switch second {
        case 126: awaited = .length(header, bytes: 2)
        case 127: awaited = .length(header, bytes: 8)
        default: try awaitPayload(header, Int(second))
        }
    }

    private mutating func takeLength(_ header: Header, _ bytes: Int) throws(WebSocketError) {
        var length: UInt64 = 0
        for place in 0..<bytes { length = length << 8 | UInt64(input.bytes[taken + place]) }
        guard let count = Int(exactly: length) else { throw .lengthTopBit }
        guard count > (bytes == 2 ? 125 : 0xFFFF) else { throw .lengthNotMinimal }
        taken += bytes
        try awaitPayload(header, count)
    }

    /// The limits come before the bytes: a length alone must not make us wait for them.
    private mutating func awaitPayload(_ header: Header, _ count: Int) throws(WebSocketError) {
        if !header.opcode.isControl {
            guard count <= frameBytesMax else { throw .frameTooLong }
            let before = fragmented == nil ? 0 : message.count
            guard count <= messageBytesMax - before else { throw .messageTooLong }
        }
        checked = 0
        awaited = .payload(header, count: count)
    }

    /// Text is checked as it comes, so that a wrong byte is refused before its message ends.
    private mutating func checkText(_ header: Header, upTo count: Int) throws(WebSocketError) {
        let kind = header.opcode == .continuation ? fragmented : header.opcode
        guard kind == .text else { return }
        let fresh = UnsafeBufferPointer(rebasing: input.bytes[taken + checked..<taken + count])
        guard utf8.take(fresh) else { throw .invalidUTF8 }
        checked = count
    }

    /// A payload that is there as a whole; nil if it is a fragment and not the last.
    private mutating func takePayload(_ header: Header, _ count: Int) throws(WebSocketError) -> WebSocketEvent? {
        let payload = UnsafeBufferPointer(rebasing: input.bytes[taken..<taken + count])
        taken += count
        awaited = .header
        switch header.opcode {
        case .ping: return .ping(payload)
        case .pong: return .pong(payload)
        case .close:
            awaited = .nothing
            return try WebSocketFrameDecoder.close(payload)
        case .text, .binary:
            if header.isFinal { return try whole(header.opcode, payload) }
            fragmented = header.opcode
            message.removeAll()
            message.append(payload)
            return nil
        case .continuation:
            message.append(payload)
            guard header.isFinal, let kind = fragmented else { return nil }
            fragmented = nil
            return try whole(kind, message.bytes)
        }
    }

    private func whole(_ kind: WebSocketOpcode, _ bytes: UnsafeBufferPointer<UInt8>) throws(WebSocketError) -> WebSocketEvent {
        guard kind == .text else { return .binary(bytes) }
        guard utf8.isComplete else { throw .invalidUTF8 }
        return .text(bytes)
    }

    /// A code of two bytes and a reason, or nothing (§5.5.1).
    private static func close(_ payload: UnsafeBufferPointer<UInt8>) throws(WebSocketError) -> WebSocketEvent {
        guard payload.count > 0 else { return .close(code: nil, reason: payload) }
        guard payload.count > 1 else { throw .closeTooShort }
        let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
        guard WebSocketCloseCode.isSendable(code) else { throw .closeCode(code) }
        let reason = UnsafeBufferPointer(rebasing: payload[2...])
        var utf8 = UTF8Validator()
        guard utf8.take(reason), utf8.isComplete else { throw .invalidUTF8 }
        return .close(code: code, reason: reason)
    }
}
