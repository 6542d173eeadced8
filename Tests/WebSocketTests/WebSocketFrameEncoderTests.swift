import JSON
import TestSupport
import Testing
import WebSocket

@Suite struct WebSocketFrameEncoderTests {
    private func written(_ write: (inout ByteBuffer) -> Void) -> [UInt8] {
        var output = ByteBuffer(capacity: 0)
        write(&output)
        return Array(output.bytes)
    }

    private func key(_ mask: [UInt8]) -> UInt32 { mask.reduce(0) { $0 << 8 | UInt32($1) } }

    /// RFC 6455 §5.7.
    @Test func helloOfTheRFC_isWritten() {
        Array("Hello".utf8).withUnsafeBufferPointer { hello in
            #expect(
                written { WebSocketFrameEncoder.append(text: hello, maskKey: 0x37FA_213D, to: &$0) }
                    == [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58])
            #expect(
                written { WebSocketFrameEncoder.append(pong: hello, maskKey: 0x37FA_213D, to: &$0) }
                    == [0x8A, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58])
        }
    }

    @Test func randomPayloads_areWrittenAsTheSlowBuilderDoes() {
        var random = SeededGenerator(seed: 6)
        let page = GuardedPage(capacity: 1 << 17)
        for count in Array(0...300) + [65534, 65535, 65536, 65537, 100_003] {
            let mask = (0..<4).map { _ in UInt8(random.below(256)) }
            let bytes = (0..<count).map { _ in UInt8(random.below(256)) }
            let payload = page.place(bytes)
            let text = written { WebSocketFrameEncoder.append(text: payload, maskKey: key(mask), to: &$0) }
            let binary = written { WebSocketFrameEncoder.append(binary: payload, maskKey: key(mask), to: &$0) }
            if text != Frames.frame(1, bytes, mask: mask) || binary != Frames.frame(2, bytes, mask: mask) { Issue.record("\(count) bytes") }
            guard count <= 125 else { continue }
            let ping = written { WebSocketFrameEncoder.append(ping: payload, maskKey: key(mask), to: &$0) }
            let pong = written { WebSocketFrameEncoder.append(pong: payload, maskKey: key(mask), to: &$0) }
            if ping != Frames.frame(9, bytes, mask: mask) || pong != Frames.frame(10, bytes, mask: mask) { Issue.record("\(count) bytes") }
        }
    }

    @Test func emptyPayloadWithoutMemory_isWritten() {
        let nothing = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
        #expect(written { WebSocketFrameEncoder.append(ping: nothing, maskKey: 0x0102_0304, to: &$0) } == [0x89, 0x80, 1, 2, 3, 4])
    }

    @Test func closeFrames_haveCodeAndReason() {
        let mask: [UInt8] = [9, 8, 7, 6]
        #expect(written { WebSocketFrameEncoder.append(closeCode: nil, maskKey: key(mask), to: &$0) } == Frames.frame(8, mask: mask))
        #expect(
            written { WebSocketFrameEncoder.append(closeCode: 1000, maskKey: key(mask), to: &$0) }
                == Frames.frame(8, [3, 0xE8], mask: mask))
        #expect(
            written { WebSocketFrameEncoder.append(closeCode: 4999, reason: "no more", maskKey: key(mask), to: &$0) }
                == Frames.frame(8, [0x13, 0x87] + Array("no more".utf8), mask: mask))
    }

    @Test func closeReasonBeyond123Bytes_isCutBetweenCharacters() {
        let long: StaticString =
            "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890€€"
        let frame = written { WebSocketFrameEncoder.append(closeCode: 1000, reason: long, maskKey: 0, to: &$0) }
        #expect(frame == Frames.frame(8, [3, 0xE8] + Array("\(long)".utf8.prefix(121)), mask: [0, 0, 0, 0]))
    }

    @Test func frames_areAppended_behindWhatIsThere() {
        let first = Frames.frame(9, mask: [1, 1, 1, 1])
        let nothing = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
        let both = written {
            WebSocketFrameEncoder.append(ping: nothing, maskKey: 0x0101_0101, to: &$0)
            WebSocketFrameEncoder.append(ping: nothing, maskKey: 0x0101_0101, to: &$0)
        }
        #expect(both == first + first)
    }
}
