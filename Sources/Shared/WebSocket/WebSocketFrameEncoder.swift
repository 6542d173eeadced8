public import JSON

/// Writes a client's frames, which are masked and never fragmented (RFC 6455 §5.2, §5.3).
///
/// The mask key comes from the caller, must be unpredictable and new for each frame; its top byte masks the first byte.
public enum WebSocketFrameEncoder {
    /// The bytes must be UTF-8.
    public static func append(text: UnsafeBufferPointer<UInt8>, maskKey: UInt32, to output: inout ByteBuffer) {
        append(.text, text, maskKey, &output)
    }

    public static func append(binary: UnsafeBufferPointer<UInt8>, maskKey: UInt32, to output: inout ByteBuffer) {
        append(.binary, binary, maskKey, &output)
    }

    /// A ping with a payload of at most 125 bytes.
    public static func append(ping: UnsafeBufferPointer<UInt8>, maskKey: UInt32, to output: inout ByteBuffer) {
        append(.ping, ping, maskKey, &output)
    }

    /// A pong with the payload of the ping that it answers.
    public static func append(pong: UnsafeBufferPointer<UInt8>, maskKey: UInt32, to output: inout ByteBuffer) {
        append(.pong, pong, maskKey, &output)
    }

    /// A close frame; without a code it is empty. A reason beyond 123 bytes is cut between two characters.
    public static func append(closeCode: UInt16?, reason: StaticString = "", maskKey: UInt32, to output: inout ByteBuffer) {
        guard let closeCode else { return append(.close, UnsafeBufferPointer(start: nil, count: 0), maskKey, &output) }
        precondition(WebSocketCloseCode.isSendable(closeCode), "close code \(closeCode) must not be sent")
        var length = min(reason.utf8CodeUnitCount, 123)
        if length < reason.utf8CodeUnitCount {
            while reason.utf8Start[length] & 0xC0 == 0x80 { length -= 1 }
        }
        appendHeader(.close, count: length + 2, maskKey, &output)
        let room = output.spare(length + 2)
        room[0] = UInt8(closeCode >> 8)
        room[1] = UInt8(closeCode & 0xFF)
        (room + 2).update(from: reason.utf8Start, count: length)
        mask(room, from: room, count: length + 2, maskKey)
        output.commit(length + 2)
    }

    private static func append(
        _ opcode: WebSocketOpcode, _ payload: UnsafeBufferPointer<UInt8>, _ maskKey: UInt32, _ output: inout ByteBuffer
    ) {
        appendHeader(opcode, count: payload.count, maskKey, &output)
        guard let source = payload.baseAddress else { return }
        mask(output.spare(payload.count), from: source, count: payload.count, maskKey)
        output.commit(payload.count)
    }

    private static func appendHeader(_ opcode: WebSocketOpcode, count: Int, _ maskKey: UInt32, _ output: inout ByteBuffer) {
        precondition(!opcode.isControl || count <= 125, "a control frame has at most 125 bytes")
        output.append(0x80 | opcode.rawValue)
        switch count {
        case ...125:
            output.append(0x80 | UInt8(count))
        case ...0xFFFF:
            output.append(0x80 | 126)
            append(bigEndian: UInt64(count), bytes: 2, &output)
        default:
            output.append(0x80 | 127)
            append(bigEndian: UInt64(count), bytes: 8, &output)
        }
        append(bigEndian: UInt64(maskKey), bytes: 4, &output)
    }

    private static func append(bigEndian value: UInt64, bytes: Int, _ output: inout ByteBuffer) {
        for place in 1...bytes { output.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * (bytes - place)))) }
    }

    /// Eight bytes at a time, then the rest one by one; the two places may be the same.
    private static func mask(
        _ target: UnsafeMutablePointer<UInt8>, from source: UnsafePointer<UInt8>, count: Int, _ maskKey: UInt32
    ) {
        let twice = (UInt64(maskKey) << 32 | UInt64(maskKey)).bigEndian
        let (rawTarget, rawSource) = (UnsafeMutableRawPointer(target), UnsafeRawPointer(source))
        var at = 0
        while count - at >= 8 {
            let word = rawSource.loadUnaligned(fromByteOffset: at, as: UInt64.self) ^ twice
            rawTarget.storeBytes(of: word, toByteOffset: at, as: UInt64.self)
            at += 8
        }
        while at < count {
            target[at] = source[at] ^ UInt8(truncatingIfNeeded: maskKey >> UInt32(24 - 8 * (at & 3)))
            at += 1
        }
    }
}
