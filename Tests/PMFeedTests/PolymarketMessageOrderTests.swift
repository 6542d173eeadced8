import TestSupport
import Testing

@testable import pm_feed

/// The order and the spelling in which the venue sends members have a short way of their own; every other one must say the same.
@Suite struct PolymarketMessageOrderTests {
    private typealias Member = (key: String, value: String)

    private static let asset = WireBook().asset

    private static let level: [[Member]] = [[("price", "\"0.41\""), ("size", "\"1.5\"")], [("price", "\"0.5\""), ("size", "\"2\"")]]

    private static let change: [[Member]] = [
        [
            ("asset_id", "\"\(asset)\""), ("price", "\"0.41\""), ("size", "\"1\""), ("side", "\"BUY\""),
            ("hash", "\"0123456789012345678901234567890123456789\""), ("best_bid", "\"0.6\""), ("best_ask", "\"0.7\""),
        ]
    ]

    /// The members of a message, and those of the objects in one of its lists.
    private static let messages: [String: (members: [Member], list: String, entries: [[Member]])] = [
        "price_change": (
            [("market", "\"m\""), ("timestamp", "\"\(venueMillis + 1)\""), ("event_type", "\"price_change\"")], "price_changes", change
        ),
        "book": (
            [
                ("market", "\"m\""), ("asset_id", "\"\(asset)\""), ("timestamp", "\"\(venueMillis + 1)\""), ("hash", "\"\""),
                ("event_type", "\"book\""), ("asks", "[]"),
            ], "bids", level
        ),
        "best_bid_ask": (
            [
                ("market", "\"m\""), ("asset_id", "\"\(asset)\""), ("best_bid", "\"0.34\""), ("best_ask", "\"0.36\""),
                ("spread", "\"0.02\""), ("timestamp", "\"\(venueMillis + 1)\""), ("event_type", "\"best_bid_ask\""),
            ], "tags", []
        ),
    ]

    private static func object(_ members: [Member], _ random: inout SeededGenerator, isUsual: Bool) -> String {
        var members = members
        if !isUsual {
            for index in members.indices.reversed() { members.swapAt(index, random.below(index + 1)) }
        }
        func blank() -> String { isUsual ? "" : random.pick(["", "", " ", "  ", "\n"]) }
        let texts = members.map { member in
            // A key spelled with an escape is another run of bytes, and no key of ours.
            "\(blank())\"\(member.key)\"\(blank()):\(blank())\(member.value)\(blank())"
        }
        return "{" + texts.joined(separator: ",") + "}"
    }

    private static func text(_ type: String, _ random: inout SeededGenerator, isUsual: Bool) -> String {
        let message = messages[type]!
        let entries = message.entries.map { object($0, &random, isUsual: isUsual) }
        return object(
            message.members + [(message.list, "[" + entries.joined(separator: ",") + "]")], &random, isUsual: isUsual)
    }

    private func lines(_ frame: String) throws -> [String] {
        let session = try Session(["--verify", "off"])
        try session.open()
        try session.receive(WireBook().frame(venueMillis))
        let lines = try session.receive(frame)
        #expect(session.rejects.isEmpty)
        return lines
    }

    @Test(arguments: messages.keys.sorted())
    func membersInAnyOrder_withBlanksAnywhere_sayTheSame(type: String) throws {
        var random = SeededGenerator(seed: 17)
        let usual = try lines(Self.text(type, &random, isUsual: true))
        #expect(!usual.isEmpty)
        for round in 0..<60 {
            let frame = Self.text(type, &random, isUsual: false)
            #expect(try lines(frame) == usual, "round \(round): \(frame)")
        }
    }

    @Test(arguments: messages.keys.sorted())
    func memberToldTwice_countsAsToldLast(type: String) throws {
        var random = SeededGenerator(seed: 18)
        let usual = try lines(Self.text(type, &random, isUsual: true))
        let twice = Self.text(type, &random, isUsual: true).replacing(#""best_bid":"#, with: #""best_bid":"0.99","best_bid":"#)
            .replacing(#""price":"#, with: #""price":"0.98","price":"#).replacing(#""market":"#, with: #""market":"","market":"#)
        #expect(try lines(twice) == usual)
    }
}
