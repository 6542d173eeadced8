import TestSupport
import Testing
import WebSocket

/// Streams of random frames: what comes out is what went in, however it is cut, and no bytes do harm.
@Suite struct WebSocketFrameStreamTests {
    private let page = GuardedPage(capacity: 1 << 17)

    /// Valid frames and the events that they stand for.
    private func stream(_ random: inout SeededGenerator) -> (bytes: [UInt8], events: [Seen]) {
        var bytes: [UInt8] = []
        var events: [Seen] = []
        for _ in 0..<(1 + random.below(5)) {
            let isText = random.chance(2)
            let count = random.pick([0, 1, 7, 125, 126, 300, random.below(70_000) / (1 + random.below(500))])
            var payload = (0..<count).map { _ in UInt8(random.below(isText ? 128 : 256)) }
            if isText, random.chance(2) { payload += Array("é€🙂".utf8) }
            var cuts = [0]
            while random.chance(2) { cuts.append(random.below(payload.count + 1)) }
            cuts = cuts.sorted() + [payload.count]
            for (place, (start, end)) in zip(cuts, cuts.dropFirst()).enumerated() {
                let isLast = place == cuts.count - 2
                bytes += Frames.frame(place > 0 ? 0 : isText ? 1 : 2, Array(payload[start..<end]), isFinal: isLast)
                if isLast { events.append(isText ? .text(payload) : .binary(payload)) }
                if random.chance(4) {
                    let note = (0..<random.below(126)).map { _ in UInt8(random.below(256)) }
                    bytes += Frames.frame(9, note)
                    events.append(.ping(note))
                }
            }
        }
        if random.chance(5) {
            bytes += Frames.close(4000, [0x21])
            events.append(.close(4000, [0x21]))
        }
        return (bytes, events)
    }

    @Test func randomStreams_giveTheirEvents_wholeAndInPieces() {
        var random = SeededGenerator(seed: 3)
        for round in 0..<400 {
            let (bytes, events) = stream(&random)
            if decode([bytes]) != events { Issue.record("round \(round) whole") }
            if decode(pieces(bytes, &random)) != events { Issue.record("round \(round) in pieces") }
            if bytes.count < 3000, decode(drip(bytes)) != events { Issue.record("round \(round) byte by byte") }
        }
    }

    @Test func streamCutAtEveryPosition_givesTheSameEvents() {
        var random = SeededGenerator(seed: 4)
        var tried = 0
        while tried < 20 {
            let (bytes, events) = stream(&random)
            guard bytes.count < 1000 else { continue }
            tried += 1
            for cut in 0...bytes.count where decode([Array(bytes[..<cut]), Array(bytes[cut...])]) != events {
                Issue.record("cut at \(cut)")
            }
        }
    }

    @Test func mutatedStreams_neverCrash_andGiveTheSameHoweverCut() {
        var random = SeededGenerator(seed: 5)
        var failures = 0
        for round in 0..<20_000 {
            var bytes = Array(stream(&random).bytes.prefix(600))
            for _ in 0..<(1 + random.below(4)) where !bytes.isEmpty {
                let at = random.below(bytes.count)
                switch random.below(4) {
                case 0: bytes[at] ^= 1 << UInt8(random.below(8))
                case 1: bytes[at] = random.pick([0, 0x7E, 0x7F, 0x80, 0xFF])
                case 2: bytes.remove(at: at)
                default: bytes.insert(UInt8(random.below(256)), at: at)
                }
            }
            let whole = decode([bytes], frameBytesMax: 400, messageBytesMax: 500, page: page)
            if case .failed = whole.last { failures += 1 }
            let cut = decode(pieces(bytes, &random), frameBytesMax: 400, messageBytesMax: 500, page: page)
            if whole != cut { Issue.record("round \(round)") }
        }
        #expect(failures > 2000 && failures < 19_000, "\(failures)")
    }
}
