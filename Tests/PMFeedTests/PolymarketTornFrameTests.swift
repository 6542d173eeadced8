import TestSupport
import Testing

@testable import pm_feed

/// Frames that were cut, and frames with wrong bytes in them.
@Suite struct PolymarketTornFrameTests {
    private static let wire = WireBook()

    private static var frames: [String] {
        var (changed, mirror) = (wire, WireBook(asset: "555"))
        changed.set("BUY", "0.41", "1")
        mirror.set("SELL", "0.75", "1")
        let millis = venueMillis + 1
        return [
            changed.message([changed.entry("BUY", "0.41", "1", millis), mirror.entry("SELL", "0.75", "1", millis)], millis),
            "[\(changed.frame(millis)),\(mirror.frame(millis))]\n",
            "[\(wire.trade("0.5", "3", "BUY", millis)), \(wire.trade("0.51", "4", "SELL", millis))]",
            #"{"market":"m","asset_id":"\#(wire.asset)","best_bid":"0.6","best_ask":"0.7","spread":"0.1","timestamp":"5","event_type":"best_bid_ask"}"#,
            #"{"id":"7","question":"“Ünï”?","market":"m","slug":"s","assets_ids":["1","2"],"outcomes":["Yes","No"],"event_message":{"slug":"e","title":"\u00e9"},"timestamp":"5","event_type":"new_market","clob_token_ids":"[\"1\", \"2\"]","fees_enabled":true,"fee_schedule":{"rate":"0.07","exponent":"1"}}"#,
        ]
    }

    private func opened(_ arguments: [String] = ["--verify", "all"]) throws -> Session {
        let session = try Session(arguments)
        try session.open()
        try session.receive("[\(Self.wire.frame(venueMillis)),\(WireBook(asset: "555").frame(venueMillis))]\n")
        return session
    }

    @Test(arguments: frames.indices)
    func frameCutAnywhere_changesNoBook_andTheNextFrameIsTaken(index: Int) throws {
        let bytes = Array(Self.frames[index].utf8)
        let session = try opened()
        let before = session.books
        // Without its newline a frame is still whole.
        for cut in 0..<bytes.count - (bytes.last == 10 ? 1 : 0) {
            #expect(try session.receive(bytes: Array(bytes[..<cut])).isEmpty, "cut at \(cut)")
        }
        #expect(session.books == before)
        #expect(session["skipped_malformed_json"] + session["skipped_empty_frame"] == Int64(bytes.count - (bytes.last == 10 ? 1 : 0)))
        #expect(try !session.receive(bytes: bytes).isEmpty)
    }

    @Test(arguments: frames.indices)
    func frameWithBytesBehindIt_isRefusedWhole(index: Int) throws {
        for tail in ["x", "}", "{}", ",", "\u{0}", "[]"] {
            let session = try opened()
            let before = session.books
            #expect(try session.receive(Self.frames[index] + tail).isEmpty)
            #expect(session["skipped_malformed_json"] == 1 && session.books == before)
        }
    }

    @Test func mutatedFrames_neverCrash_andEveryLineStaysCanonical() throws {
        var chance = SeededGenerator(seed: 2026)
        let frames = Self.frames.map { Array($0.utf8) } + [Array(Self.wire.rest(venueMillis + 1).utf8)]
        for round in 0..<20 {
            let session = try opened()
            for _ in 0..<1000 {
                var bytes = chance.pick(frames)
                for _ in 0...chance.below(4) where !bytes.isEmpty { Self.mutate(&bytes, &chance) }
                if chance.below(10) == 0 {
                    try session.answer(String(decoding: bytes, as: UTF8.self))
                } else {
                    try session.receive(bytes: bytes)
                }
            }
            // A good book is taken, whatever came before.
            let lines = try session.receive(Self.wire.frame(venueMillis + 9)).brief
            #expect(lines.contains { $0.hasPrefix("book_snapshot 74866639") }, "round \(round)")
        }
    }

    private static func mutate(_ bytes: inout [UInt8], _ chance: inout SeededGenerator) {
        let place = chance.below(bytes.count)
        switch chance.below(6) {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: chance.next())
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(chance.pick(Array("\"{}[],:\\0-.e9".utf8)), at: place)
        case 3: bytes[place] ^= 1 << UInt8(chance.below(8))
        case 4: bytes.removeSubrange(place..<min(place + chance.below(30), bytes.count))
        default: bytes.insert(contentsOf: bytes[place..<min(place + chance.below(60), bytes.count)], at: chance.below(bytes.count))
        }
    }

    @Test func invalidUTF8_isRefused_andTheBooksAreLookedAt() throws {
        let session = try opened(["--verify", "sample"])
        let checks = session["hash_checks"]
        #expect(try session.receive(bytes: Array("{\"market\":\"".utf8) + [0xFF, 0xFE] + Array("\"}".utf8)).isEmpty)
        #expect(session["skipped_malformed_json"] == 1)
        var wire = Self.wire
        try session.receive(wire.change("BUY", "0.41", "1", venueMillis + 1))
        #expect(session["hash_checks"] == checks + 1)
        #expect(session.rejects.count == 1 && session.rejects[line: 0].contains("raw_base64"))
    }

    @Test(arguments: ["", "\n", " \r\n\t"])
    func emptyFrame_isCounted(frame: String) throws {
        let session = try opened()
        #expect(try session.receive(frame).isEmpty && session["skipped_empty_frame"] == 1)
    }

    @Test func deepNesting_isRefused() throws {
        let session = try opened()
        #expect(try session.receive(String(repeating: "[", count: 100_000)).isEmpty)
        #expect(try session.receive("{\"tags\":" + String(repeating: "[", count: 200) + String(repeating: "]", count: 200) + "}").isEmpty)
        #expect(session["skipped_malformed_json"] == 2)
    }
}
