import TestSupport
import Testing
import WebSocket

@Suite struct WebSocketFrameDecoderTests {
    private static let hello = Array("Hello".utf8)
    private static func filled(_ count: Int) -> [UInt8] { (0..<count).map { UInt8($0 % 95 + 32) } }

    /// RFC 6455 §5.7, as a server sends them.
    @Test func examplesOfTheRFC_areRead() {
        #expect(decode([[0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F]]) == [.text("Hello")])
        #expect(decode([[0x01, 0x03, 0x48, 0x65, 0x6C], [0x80, 0x02, 0x6C, 0x6F]]) == [.text("Hello")])
        #expect(decode([[0x89, 0x05] + Self.hello, [0x8A, 0x05] + Self.hello]) == [.ping(Self.hello), .pong(Self.hello)])
        #expect(decode([[0x82, 0x7E, 0x01, 0x00] + Self.filled(256)]) == [.binary(Self.filled(256))])
        #expect(decode([[0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0] + Self.filled(65536)]) == [.binary(Self.filled(65536))])
    }

    @Test func clientFrameOfTheRFC_isRefused_becauseAServerMustNotMask() {
        #expect(decode([[0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]]) == [.failed(.maskedFrame)])
    }

    @Test(arguments: [0, 1, 125, 126, 127, 65535, 65536, 65537])
    func lengthBorders_areRead_wholeAndInPieces(_ count: Int) {
        let payload = Self.filled(count)
        var random = SeededGenerator(seed: UInt64(count))
        for (opcode, expected) in [(UInt8(1), Seen.text(payload)), (2, .binary(payload))] {
            let bytes = Frames.frame(opcode, payload) + Frames.frame(9)
            #expect(decode([bytes]) == [expected, .ping([])])
            #expect(decode(drip(bytes)) == [expected, .ping([])])
            #expect(decode(pieces(bytes, &random)) == [expected, .ping([])])
        }
    }

    @Test func controlFrames_areTakenUpTo125Bytes_andRefusedBeyond() {
        #expect(decode([Frames.frame(9, Self.filled(125))]) == [.ping(Self.filled(125))])
        #expect(decode([Frames.frame(10, Self.filled(125))]) == [.pong(Self.filled(125))])
        #expect(decode([Frames.close(1000, Self.filled(123))]) == [.close(1000, Self.filled(123))])
        for opcode: UInt8 in [8, 9, 10] {
            for count in [126, 65536] { #expect(decode([Frames.header(opcode, count)]) == [.failed(.controlTooLong)]) }
            #expect(decode([Frames.header(opcode, 5, lengthBytes: 2)]) == [.failed(.controlTooLong)])
            #expect(decode([Frames.frame(opcode, isFinal: false)]) == [.failed(.fragmentedControl)])
        }
    }

    @Test(arguments: [(125, 2), (0, 2), (125, 8), (65535, 8), (0, 8)])
    func lengthsInTooManyBytes_areRefused(_ count: Int, _ bytes: Int) {
        #expect(decode([Frames.header(2, count, lengthBytes: bytes)]) == [.failed(.lengthNotMinimal)])
    }

    @Test func lengthWithTopBit_isRefused_andTheLargestIsTooLong() {
        #expect(decode([[0x82, 0x7F, 0x80, 0, 0, 0, 0, 0, 0, 0]]) == [.failed(.lengthTopBit)])
        #expect(decode([[0x82, 0x7F] + Array(repeating: 0xFF, count: 8)]) == [.failed(.lengthTopBit)])
        #expect(decode([[0x82, 0x7F, 0x7F] + Array(repeating: 0xFF, count: 7)]) == [.failed(.frameTooLong)])
        let later = Frames.frame(2, [1], isFinal: false) + [0x80, 0x7F, 0x7F] + Array(repeating: 0xFF, count: 7)
        #expect(decode([later], frameBytesMax: .max, messageBytesMax: .max) == [.failed(.messageTooLong)])
    }

    @Test func reservedOpcodes_areRefused() {
        for opcode: UInt8 in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] {
            #expect(decode([Frames.frame(opcode)]) == [.failed(.reservedOpcode(opcode))])
        }
    }

    @Test func reservedBits_areRefused() {
        for bits: UInt8 in 1...7 {
            for opcode: UInt8 in [0, 1, 2, 8, 9, 10] { #expect(decode([Frames.frame(opcode, reserved: bits)]) == [.failed(.reservedBits)]) }
        }
    }

    @Test func limits_holdForFramesAndMessages() {
        for count in [0, 99, 100, 126, 300] {
            let payload = Self.filled(count)
            #expect(decode([Frames.frame(2, payload)], frameBytesMax: count) == [.binary(payload)])
            #expect(decode([Frames.frame(2, payload)], messageBytesMax: count) == [.binary(payload)])
            #expect(decode([Frames.header(2, count + 1)], frameBytesMax: count) == [.failed(.frameTooLong)])
            #expect(decode([Frames.header(2, count + 1)], messageBytesMax: count) == [.failed(.messageTooLong)])
        }
        let message = Frames.frame(2, Self.filled(60), isFinal: false) + Frames.frame(0, Self.filled(40))
        // Control frames between the fragments do not count, nor does the message before.
        let twice =
            message + Frames.frame(2, Self.filled(60), isFinal: false) + Frames.frame(9, Self.filled(125))
            + Frames.frame(0, Self.filled(40))
        let whole = Seen.binary(Self.filled(60) + Self.filled(40))
        #expect(decode([twice], frameBytesMax: 60, messageBytesMax: 100) == [whole, .ping(Self.filled(125)), whole])
        #expect(decode([message], messageBytesMax: 99) == [.failed(.messageTooLong)])
        #expect(decode([message + Frames.frame(2, Self.filled(100))], messageBytesMax: 100) == [whole, .binary(Self.filled(100))])
    }

    @Test func fragments_areJoined_andControlFramesBetweenThemComeFirst() {
        let bytes =
            Frames.frame(1, Array("Hé".utf8.dropLast()), isFinal: false) + Frames.frame(9, [1]) + Frames.frame(0, isFinal: false)
            + Frames.frame(10, [2]) + Frames.frame(0, Array("é!".utf8.dropFirst())) + Frames.frame(2, [0xFF])
        let expected: [Seen] = [.ping([1]), .pong([2]), .text("Hé!"), .binary([0xFF])]
        #expect(decode([bytes]) == expected)
        #expect(decode(drip(bytes)) == expected)
        for cut in 0...bytes.count { #expect(decode([Array(bytes[..<cut]), Array(bytes[cut...])]) == expected) }
    }

    @Test func fragmentsOutOfOrder_areRefused() {
        #expect(decode([Frames.frame(0, [1])]) == [.failed(.unexpectedContinuation)])
        #expect(decode([Frames.frame(1) + Frames.frame(0)]) == [.text(""), .failed(.unexpectedContinuation)])
        for opcode: UInt8 in [1, 2] {
            #expect(decode([Frames.frame(1, isFinal: false) + Frames.frame(opcode)]) == [.failed(.unfinishedMessage)])
        }
        let twice = Frames.frame(2, isFinal: false) + Frames.frame(0) + Frames.frame(0)
        #expect(decode([twice]) == [.binary([]), .failed(.unexpectedContinuation)])
    }

    @Test func textThatEndsInsideACharacter_isRefused_andTheNextMessageStartsAnew() {
        #expect(decode([Frames.frame(1, [0xE2, 0x82])]) == [.failed(.invalidUTF8)])
        #expect(decode([Frames.frame(1, [0xE2], isFinal: false) + Frames.frame(0, [0x82])]) == [.failed(.invalidUTF8)])
        // Binary is not text, in fragments neither.
        #expect(decode([Frames.frame(2, [0xFF], isFinal: false) + Frames.frame(0, [0xFF])]) == [.binary([0xFF, 0xFF])])
    }

    @Test func closeCodes_areTakenAsTheRegistrySays() {
        let good = Set(Array(1000...1003) + Array(1007...1014) + Array(3000...4999))
        for code in 0...0xFFFF {
            let expected: Seen = good.contains(code) ? .close(UInt16(code), []) : .failed(.closeCode(UInt16(code)))
            if decode([Frames.close(UInt16(code))]) != [expected] { Issue.record("\(code)") }
        }
    }

    @Test func closeFrame_isTheLastEvent() {
        #expect(decode([Frames.frame(8)]) == [.close(nil, [])])
        #expect(decode([Frames.close(1001, Array("à bientôt".utf8)) + Frames.frame(3) + [0xFF]]) == [.close(1001, Array("à bientôt".utf8))])
        #expect(decode([Frames.frame(8, [3])]) == [.failed(.closeTooShort)])
        #expect(decode([Frames.close(1000, [0xC3])]) == [.failed(.invalidUTF8)])
        #expect(decode([Frames.close(1000, [0xFF])]) == [.failed(.invalidUTF8)])
    }

    @Test func error_comesAgain_atEveryLaterCall() {
        var decoder = WebSocketFrameDecoder()
        for bytes in [Frames.frame(3), Frames.frame(1, Self.hello)] {
            bytes.withUnsafeBufferPointer { decoder.append($0) }
            var failure: WebSocketError?
            do throws(WebSocketError) { _ = try decoder.next() } catch { failure = error }
            #expect(failure == .reservedOpcode(3))
        }
    }

    @Test func errors_mapToTheCodeToCloseWith_inOneLine() {
        let errors: [WebSocketError] = [
            .reservedBits, .reservedOpcode(3), .maskedFrame, .controlTooLong, .fragmentedControl, .lengthNotMinimal, .lengthTopBit,
            .unexpectedContinuation, .unfinishedMessage, .closeTooShort, .closeCode(5), .invalidUTF8, .frameTooLong, .messageTooLong,
        ]
        #expect(errors.map(\.closeCode) == Array(repeating: 1002, count: 11) + [1007, 1009, 1009])
        #expect(Set(errors.map(\.description)).count == errors.count)
        #expect(errors.allSatisfy { !$0.description.contains("\n") })
    }

    @Test func bytesReadInPlace_giveTheSameEvents() throws {
        var decoder = WebSocketFrameDecoder(capacity: 64)
        for round in 0..<1000 {
            let bytes = Frames.frame(1, Self.filled(round % 200))
            let room = decoder.spare(300)
            _ = room.update(fromContentsOf: bytes)
            decoder.commit(bytes.count)
            let event = try decoder.next().map(Seen.init)
            #expect(event == .text(Self.filled(round % 200)))
            let none = try decoder.next().map(Seen.init) == nil
            #expect(none)
        }
    }
}
