import Testing

@testable import pm_feed

/// Every field of every message, missing, of the wrong kind, or out of range.
@Suite struct PolymarketMessageFaultTests {
    private static let book = WireBook()

    /// Messages as lists of members, so that one can be taken out or put otherwise.
    private static let messages: [String: [(String, String)]] = [
        "book": [
            ("market", "\"\(book.market)\""), ("asset_id", "\"\(book.asset)\""), ("timestamp", "\"\(venueMillis + 1)\""), ("hash", "\"\""),
            ("bids", #"[{"price":"0.5","size":"1"}]"#), ("asks", #"[{"price":"0.7","size":"1"}]"#), ("event_type", "\"book\""),
        ],
        "price_change": [
            ("market", "\"\(book.market)\""),
            (
                "price_changes",
                #"[{"asset_id":"\#(book.asset)","price":"0.41","size":"1","side":"BUY","hash":"","best_bid":"0.6","best_ask":"0.7"}]"#
            ),
            ("timestamp", "\"\(venueMillis + 1)\""), ("event_type", "\"price_change\""),
        ],
        "last_trade_price": [
            ("market", "\"\(book.market)\""), ("asset_id", "\"\(book.asset)\""), ("price", "\"0.5\""), ("size", "\"1\""),
            ("side", "\"BUY\""),
            ("timestamp", "\"\(venueMillis + 1)\""), ("event_type", "\"last_trade_price\""),
        ],
        "best_bid_ask": [
            ("market", "\"\(book.market)\""), ("asset_id", "\"\(book.asset)\""), ("best_bid", "\"0.5\""), ("best_ask", "\"0.7\""),
            ("timestamp", "\"\(venueMillis + 1)\""), ("event_type", "\"best_bid_ask\""),
        ],
        "tick_size_change": [
            ("market", "\"\(book.market)\""), ("asset_id", "\"\(book.asset)\""), ("new_tick_size", "\"0.001\""),
            ("event_type", "\"tick_size_change\""),
        ],
        "new_market": [
            ("id", "\"77\""), ("market", "\"m\""), ("clob_token_ids", #"["1","2"]"#), ("outcomes", #"["Yes","No"]"#),
            ("order_price_min_tick_size", "\"0.01\""), ("fees_enabled", "true"), ("event_type", "\"new_market\""),
        ],
        "market_resolved": [
            ("market", "\"m\""), ("assets_ids", #"["1","2"]"#), ("winning_asset_id", "\"1\""), ("timestamp", "\"5\""),
            ("event_type", "\"market_resolved\""),
        ],
    ]

    /// Members whose absence is no fault.
    private static let optional: [String: Set<String>] = [
        "book": ["hash", "event_type"], "new_market": ["order_price_min_tick_size", "fees_enabled"],
    ]

    private static func text(_ members: [(String, String)]) -> String {
        "{" + members.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
    }

    private func opened() throws -> Session {
        let session = try Session(["--verify", "off"])
        try session.open()
        try session.receive(Self.book.frame(venueMillis))
        return session
    }

    @Test(arguments: messages.keys.sorted())
    func wholeMessage_isTaken(type: String) throws {
        let session = try opened()
        #expect(try !session.receive(Self.text(Self.messages[type]!)).isEmpty)
        #expect(session.rejects.isEmpty && session["frames_\(type)"] >= 1)
    }

    @Test(arguments: messages.keys.sorted())
    func missingNullOrWrongMember_isOneRejectAndNoData(type: String) throws {
        let members = Self.messages[type]!
        for (index, (key, value)) in members.enumerated() where key != "event_type" {
            var variants: [String?] = [nil, "null", "{}", "true", "[]"]
            if value.hasPrefix("[") { variants = [nil, "{}", "true", "5", "\"x\""] }
            if key == "fees_enabled" { variants = ["{}", "5", "\"x\""] }
            for variant in variants {
                let isOptional = Self.optional[type]?.contains(key) == true && (variant == nil || variant == "null")
                var changed = members
                if let variant { changed[index].1 = variant } else { changed.remove(at: index) }
                let session = try opened()
                let lines = try session.receive(Self.text(changed)).brief.filter { !$0.contains("state=\"gap\"") }
                #expect(lines.isEmpty || isOptional, "\(type) \(key) \(variant ?? "missing")")
                #expect(session.rejects.count == (isOptional ? 0 : 1), "\(type) \(key) \(variant ?? "missing")")
            }
        }
    }

    @Test(arguments: [
        ("book", "timestamp", "\"-1\""), ("book", "timestamp", "\"1.5\""), ("book", "timestamp", "\"\""), ("book", "asset_id", "\"\""),
        ("book", "asset_id", "\"7\\u0034\""), ("book", "market", "\"\""), ("book", "tick_size", "\"2\""),
        ("book", "bids", #"[{"price":"1.1","size":"1"}]"#), ("book", "bids", #"[{"price":"0.1234567","size":"1"}]"#),
        ("book", "asks", #"[{"price":"0.1","size":"-1"}]"#), ("book", "asks", #"[{"price":"0.1"}]"#), ("book", "asks", #"[{"size":"1"}]"#),
        ("book", "asks", "[5]"), ("book", "asks", #"[["0.5","1"]]"#), ("book", "asks", #"[{"price":"0.1","size":""}]"#),
        ("book", "asks", #"[{"price":null,"size":"1"}]"#), ("book", "asks", #"[{"price":"0.1","size":"99999999999999999999"}]"#),
        ("book", "bids", #"[{"price":"0.1","size":"1"},{"price":"0.10","size":"2"}]"#),
        ("last_trade_price", "price", "\"1.01\""), ("last_trade_price", "price", "\"\""), ("last_trade_price", "size", "\"0\""),
        ("last_trade_price", "size", "\"-5\""), ("last_trade_price", "side", "\"HOLD\""), ("last_trade_price", "side", "\"buy\""),
        ("last_trade_price", "timestamp", "\"soon\""), ("best_bid_ask", "best_bid", "\"1.5\""), ("best_bid_ask", "best_ask", "\"x\""),
        ("best_bid_ask", "best_ask", "\"no orders resting\""), ("tick_size_change", "new_tick_size", "\"0\""),
        ("tick_size_change", "new_tick_size", "\"\""), ("tick_size_change", "new_tick_size", "\"-0.01\""),
        ("new_market", "clob_token_ids", "[]"), ("new_market", "clob_token_ids", #"["1"]"#), ("new_market", "clob_token_ids", "[1,2]"),
        ("new_market", "clob_token_ids", #"["1",""]"#), ("new_market", "outcomes", "\"[\""),
        ("new_market", "order_price_min_tick_size", "\"x\""),
        ("market_resolved", "winning_asset_id", "\"3\""), ("market_resolved", "assets_ids", "[]"),
        ("market_resolved", "timestamp", "\"x\""),
    ])
    func outOfRangeOrForeignValue_isOneRejectAndNothingElse(type: String, key: String, value: String) throws {
        var members = Self.messages[type]!.filter { $0.0 != key }
        members.append((key, value))
        let session = try opened()
        let before = session.books
        #expect(try session.receive(Self.text(members)).isEmpty)
        #expect(session.rejects.count == 1 && session.books == before)
    }

    @Test(arguments: [
        "\"price\":\"1.1\"", "\"price\":\"0.1234567\"", "\"price\":\"\"", "\"price\":null", "\"price\":[]", "\"size\":\"-1\"",
        "\"size\":\"abc\"",
        "\"size\":\"\"", "\"size\":{}", "\"side\":\"HOLD\"", "\"side\":\"\"", "\"side\":null", "\"hash\":[]", "\"best_bid\":{}",
    ])
    func changeThatCannotBeRead_isAGapOfItsBookAtOnce(member: String) throws {
        let session = try opened()
        let key = member.split(separator: ":")[0]
        let message = Self.text(Self.messages["price_change"]!)
        let broken = message.replacing(try Regex("\(key):\"[^\"]*\""), with: member)
        #expect(broken != message)
        #expect(
            try session.receive(broken).brief == [
                "feed_status state=\"gap\" reason=\"a change of this book cannot be read\" since_us=1790000000002000 instruments=[\"\(Self.book.asset)\"]"
            ])
        #expect(session.knownBook(Self.book.asset) == nil && session.rejects.count == 1)
        // Once is enough.
        #expect(try session.receive(broken).isEmpty)
    }

    @Test func changeOfAnotherToken_thatCannotBeRead_touchesNoBook() throws {
        let session = try opened()
        let before = session.books
        #expect(
            try session.receive(WireBook(asset: "555").message([#"{"asset_id":"555","price":"x","size":"1","side":"BUY"}"#], 5)).isEmpty)
        #expect(session.books == before && session.rejects.count == 1)
    }

    @Test func oneBadEntry_givesUpEveryBookOfTheMessage() throws {
        let session = try Session(["--verify", "off"])
        try session.open()
        var (first, second) = (WireBook(), WireBook(asset: "555"))
        try session.receive("[\(first.frame(venueMillis)),\(second.frame(venueMillis))]")
        first.set("BUY", "0.41", "1")
        second.set("BUY", "0.41", "1")
        let bad = second.entry("BUY", "0.41", "1", 5).replacing("\"0.41\"", with: "\"x\"")
        #expect(try session.receive(first.message([first.entry("BUY", "0.41", "1", 5), bad], venueMillis + 1)).brief.count == 2)
        #expect(session.books.isEmpty)
    }

    @Test func oneBadElement_doesNotDiscardTheOthers() throws {
        let session = try opened()
        // Without a transaction each is a print of its own.
        let trade = Self.book.trade("0.5", "1", "BUY", venueMillis, tx: "")
        for bad in ["5", "null", "\"x\"", "[]", "{}", Self.book.trade("5", "1", "BUY", venueMillis), #"{"event_type":"book"}"#] {
            let trades = try session.receive("[\(trade),\(bad),\(trade)]\n").brief.filter { $0.hasPrefix("trade") }
            #expect(trades.count == 2, "\(bad)")
        }
        #expect(session["skipped_wrong_element"] == 4 && session["skipped_out_of_range_price"] == 1)
        #expect(session.rejects.contains { $0.contains("\"raw\":\"null\"") } && session["unknown_type"] == 1)
    }

    @Test(arguments: [
        #"{"event_type":"price_change","asset_id":"A","market":"m","price":"0.5","side":"BUY","size":"1","hash":"h","timestamp":"5"}"#,
        #"{"event_type":"price_change","asset_id":"A","market":"m","hash":"h","changes":[{"price":"0.5","side":"BUY","size":"1"}],"timestamp":"5"}"#,
        #"{"event_type":"book","asset_id":"A","market":"m","buys":[],"sells":[],"hash":"h","timestamp":"5"}"#,
    ])
    func retiredForm_isRefusedLoudly(frame: String) throws {
        let session = try opened()
        let isChange = frame.contains("price_change")
        let lines = try session.receive(frame.replacing("\"A\"", with: "\"\(Self.book.asset)\"")).brief
        #expect(lines.count == (isChange ? 1 : 0))
        #expect(session["skipped_retired_shape"] == 1)
        #expect((session.knownBook(Self.book.asset) == nil) == isChange)
    }

    @Test func strict_endsAtTheFirstFault() throws {
        let session = try Session(["--strict"])
        try session.open()
        #expect(throws: (any Error).self) { try session.receive("{") }
    }
}
