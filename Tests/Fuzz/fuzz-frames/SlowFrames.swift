import TestSupport

/// RFC 6455 §5 for a client, over all bytes at once; shares no idea with the decoder under test.
struct SlowFrames {
    private struct Frame {
        let isFinal: Bool
        let opcode: Int
        /// As much of it as there is.
        let payload: [UInt8]
        let isWhole: Bool
    }

    private(set) var events: [Seen.Event] = []
    /// Whether the bytes break a rule, so far as they go.
    private(set) var isBroken = false
    private let bytes: [UInt8]
    private let limits: (frame: Int, message: Int)
    private var at = 0
    private var message: (opcode: Int, bytes: [UInt8])?

    init(_ bytes: [UInt8], frameBytesMax: Int, messageBytesMax: Int) {
        self.bytes = bytes
        limits = (frameBytesMax, messageBytesMax)
        while !isBroken, let frame = nextFrame() {
            if take(frame) || !frame.isWhole { return }
        }
    }

    private func number(_ start: Int, _ count: Int) -> UInt64? {
        guard start + count <= bytes.count else { return nil }
        return bytes[start..<start + count].reduce(0) { $0 * 256 + UInt64($1) }
    }

    /// Nil if its header is not there yet, or breaks a rule.
    private mutating func nextFrame() -> Frame? {
        guard let head = number(at, 2) else { return nil }
        let (flags, opcode, isMasked) = (head >> 12, Int(head >> 8 & 15), head & 0x80 != 0)
        let isControl = opcode >= 8
        let isContinuing = message != nil
        isBroken =
            flags & 7 != 0 || ![0, 1, 2, 8, 9, 10].contains(opcode) || isMasked || (isControl && (flags & 8 == 0 || head & 0x7F > 125))
            || (!isControl && (opcode == 0) != isContinuing)
        guard !isBroken else { return nil }
        var start = at + 2
        var count = head & 0x7F
        if count > 125 {
            let size = count == 126 ? 2 : 8
            guard let long = number(start, size) else { return nil }
            start += size
            isBroken = long >> 63 == 1 || long < (size == 2 ? 126 : 65536)
            count = long
        }
        let room = UInt64(limits.message - (message?.bytes.count ?? 0))
        isBroken = isBroken || (!isControl && (count > UInt64(limits.frame) || count > room))
        guard !isBroken else { return nil }
        let end = min(bytes.count, start + Int(count))
        let frame = Frame(
            isFinal: flags & 8 != 0, opcode: opcode, payload: Array(bytes[start..<end]), isWhole: start + Int(count) <= bytes.count)
        at = end
        return frame
    }

    /// True when the server has closed.
    private mutating func take(_ frame: Frame) -> Bool {
        switch frame.opcode {
        case 8: return takeClose(frame)
        case 9: if frame.isWhole { events.append(.ping(frame.payload)) }
        case 10: if frame.isWhole { events.append(.pong(frame.payload)) }
        default: takeData(frame)
        }
        return false
    }

    private mutating func takeClose(_ frame: Frame) -> Bool {
        guard frame.isWhole else { return false }
        guard !frame.payload.isEmpty else {
            events.append(.close(nil, []))
            return true
        }
        let reason = Array(frame.payload.dropFirst(2))
        let code = frame.payload.count < 2 ? 0 : UInt16(frame.payload[0]) * 256 + UInt16(frame.payload[1])
        let isAllowed = (1000...1014).contains(code) && ![1004, 1005, 1006].contains(code) || (3000...4999).contains(code)
        isBroken = !isAllowed || SlowUTF8.verdict(reason) != .whole
        if !isBroken { events.append(.close(code, reason)) }
        return true
    }

    private mutating func takeData(_ frame: Frame) {
        let opcode = frame.opcode == 0 ? message?.opcode ?? 0 : frame.opcode
        let all = (message?.bytes ?? []) + frame.payload
        if opcode == 1 {
            switch SlowUTF8.verdict(all) {
            case .whole: break
            case .unfinished: isBroken = frame.isFinal && frame.isWhole
            case .bad: isBroken = true
            }
        }
        guard !isBroken, frame.isWhole else { return }
        if frame.isFinal {
            message = nil
            events.append(opcode == 1 ? .text(all) : .binary(all))
        } else {
            message = (opcode, all)
        }
    }
}
