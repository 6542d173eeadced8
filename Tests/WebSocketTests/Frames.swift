/// Frames as RFC 6455 §5.2 draws them, byte by byte; it knows nothing of the code under test and writes wrong frames too.
enum Frames {
    static func frame(
        _ opcode: UInt8, _ payload: [UInt8] = [], isFinal: Bool = true, reserved: UInt8 = 0, lengthBytes: Int? = nil, mask: [UInt8]? = nil
    ) -> [UInt8] {
        header(opcode, payload.count, isFinal: isFinal, reserved: reserved, lengthBytes: lengthBytes, mask: mask)
            + payload.enumerated().map { at, byte in mask.map { byte ^ $0[at % 4] } ?? byte }
    }

    static func header(
        _ opcode: UInt8, _ count: Int, isFinal: Bool = true, reserved: UInt8 = 0, lengthBytes: Int? = nil, mask: [UInt8]? = nil
    ) -> [UInt8] {
        let bytes = lengthBytes ?? (count < 126 ? 0 : count < 65536 ? 2 : 8)
        let short: UInt8 = bytes == 0 ? UInt8(count) : bytes == 2 ? 126 : 127
        var frame = [(isFinal ? 128 : 0) + reserved * 16 + opcode, (mask == nil ? 0 : 128) + short]
        for place in 0..<bytes {
            frame.append(UInt8(UInt64(count) / (0..<(bytes - 1 - place)).reduce(1) { power, _ in power * 256 } % 256))
        }
        return frame + (mask ?? [])
    }

    static func close(_ code: UInt16, _ reason: [UInt8] = []) -> [UInt8] { frame(8, [UInt8(code / 256), UInt8(code % 256)] + reason) }
}
