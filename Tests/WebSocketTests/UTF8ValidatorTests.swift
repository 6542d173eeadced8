import TestSupport
import Testing

@testable import WebSocket

/// Text as the decoder checks it, against a slow validator.
@Suite struct UTF8ValidatorTests {
    /// Bytes of the text that were in when the decoder refused it, or nil if it took them all.
    private func refusedAfter(_ text: [UInt8], lengthOfFrame: Int) -> Int? {
        let header = Frames.header(1, lengthOfFrame)
        var decoder = WebSocketFrameDecoder()
        header.withUnsafeBufferPointer { decoder.append($0) }
        for (at, byte) in text.enumerated() {
            [byte].withUnsafeBufferPointer { decoder.append($0) }
            do throws(WebSocketError) { _ = try decoder.next() } catch { return at + 1 }
        }
        return nil
    }

    /// Bytes that are often nearly right.
    private func bytes(_ random: inout SeededGenerator) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<(1 + random.below(8)) {
            switch random.below(6) {
            case 0: bytes += Array(repeating: 0x61, count: random.below(20))
            case 1: bytes += Array(String(Unicode.Scalar(UInt32(random.below(0xD800)))!).utf8)
            case 2: bytes += Array(String(Unicode.Scalar(UInt32(0xE000 + random.below(0x10_2000)))!).utf8)
            case 3: bytes += Array("é€🙂\u{10FFFF}".utf8)
            default:
                bytes.append(random.pick([0x7F, 0x80, 0xBF, 0xC1, 0xC2, 0xE0, 0xED, 0xEF, 0xF0, 0xF4, 0xF5, 0xFF, 0x8F, 0x90, 0x9F, 0xA0]))
            }
        }
        if random.chance(2) { bytes = Array(bytes.prefix(random.below(bytes.count + 1))) }
        return bytes
    }

    @Test func randomBytes_getTheVerdictOfTheSlowValidator_howeverTheyAreSplit() {
        var random = SeededGenerator(seed: 1)
        var verdicts = [0, 0, 0]
        for round in 0..<20_000 {
            let text = bytes(&random)
            let verdict = SlowUTF8.verdict(text)
            verdicts[verdict == .whole ? 0 : verdict == .unfinished ? 1 : 2] += 1
            let expected: [Seen] = verdict == .whole ? [.text(text)] : [.failed(.invalidUTF8)]
            let cut = random.below(text.count + 1)
            let whole = Frames.frame(1, text)
            let split = Frames.frame(1, Array(text[..<cut]), isFinal: false) + Frames.frame(0, Array(text[cut...]))
            if decode([whole]) != expected || decode(pieces(whole, &random)) != expected || decode(pieces(split, &random)) != expected {
                Issue.record("round \(round): \(text)")
            }
        }
        #expect(verdicts.allSatisfy { $0 > 1000 }, "\(verdicts)")
    }

    @Test func badByte_isRefused_beforeTheNextOneComes() {
        var random = SeededGenerator(seed: 2)
        for round in 0..<5_000 {
            let text = bytes(&random)
            // A frame that is longer than what comes: only a bad byte can end it.
            let refused = refusedAfter(text, lengthOfFrame: text.count + 1)
            let expected: Int? = if case .bad(let at) = SlowUTF8.verdict(text) { at + 1 } else { nil }
            if refused != expected { Issue.record("round \(round): \(text) refused after \(String(describing: refused))") }
        }
    }

    @Test func everyPairOfBytes_getsTheVerdictOfTheSlowValidator() {
        for first in UInt8.min...UInt8.max {
            for second in UInt8.min...UInt8.max {
                let isWhole = decode([Frames.frame(1, [first, second])]) == [.text([first, second])]
                if isWhole != (SlowUTF8.verdict([first, second]) == .whole) { Issue.record("\(first) \(second)") }
            }
        }
    }

    @Test func surrogatesAndOverlongForms_areRefused_atTheSecondByte() {
        for text: [UInt8] in [[0xED, 0xA0, 0x80], [0xE0, 0x9F, 0xBF], [0xF0, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80]] {
            #expect(refusedAfter(text, lengthOfFrame: 9) == 2)
        }
        for lead: UInt8 in [0x80, 0xBF, 0xC0, 0xC1, 0xF5, 0xFF] { #expect(refusedAfter([lead, 0x80], lengthOfFrame: 9) == 1) }
    }

    @Test func validator_readsNoByteBeyondItsPiece() {
        let page = GuardedPage(capacity: 4096)
        for count in 0...40 {
            for text in [Array(repeating: UInt8(0x61), count: count), Array(repeating: 0x61, count: count) + [0xC3]] {
                var validator = UTF8Validator()
                let isTaken = validator.take(page.place(text))
                #expect(isTaken)
                #expect(validator.isComplete == (text.count == count))
            }
        }
    }
}
