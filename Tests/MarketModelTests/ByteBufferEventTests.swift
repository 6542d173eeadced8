import JSON
import MarketModel
import Testing

/// The one spelling of lines, letter by letter.
@Suite struct ByteBufferEventTests {
    private static let time = #""recv_us":1790267321911204,"venue_us":1790267321830000"#
    private static let market =
        #""feed":"pm","venue":"polymarket","market":"0x90","instrument":"7486","label":"up/\"Yes\"","conn":1"#
    private static let feed = #""feed":"pm","venue":"polymarket","conn":1"#

    @Test func lineOfOneLevel_isTheOneThatIsPutTogether() {
        let origin = EventOrigin(feed: "f", venue: "v", market: "m", instrument: "i", label: "L \"x\"")
        for side in [Side.bid, .ask] {
            for (price, size) in [(410_000, 12_500_000), (0, 0), (1_000_000, Int64.max), (1, 1)] as [(Int64, Int64)] {
                for (conn, venueTime, isVerified) in [(nil, nil, false), (7, Timestamp(micros: 5), true)] as [(Int64?, Timestamp?, Bool)] {
                    let level = Level(price, size)
                    let (received, seq) = (Timestamp(micros: 1_790_000_000_000_001), Int64.max)
                    var whole = ByteBuffer(capacity: 0)
                    var pieces = ByteBuffer(capacity: 0)
                    whole.append(
                        delta: level, side, origin, conn: conn, seq: seq, received: received, venueTime: venueTime, isVerified: isVerified)
                    pieces.beginEvent(.bookDelta, origin, conn: conn, seq: seq, received: received, venueTime: venueTime)
                    pieces.append(bids: side == .bid ? [level] : [], asks: side == .ask ? [level] : [])
                    if isVerified { pieces.append(.verified, bool: true) }
                    pieces.endEvent()
                    #expect(whole.text.string == pieces.text.string)
                }
            }
        }
    }

    @Test(arguments: [
        (
            EventKind.bookSnapshot,
            market + ",\"seq\":42," + time + #","bids":[[0.78,30],[0.77,45.2]],"asks":[[0.8,71.03]],"reason":"initial","verified":true"#
        ),
        (.bookDelta, market + ",\"seq\":42," + time + #","bids":[],"asks":[[0.04,0]]"#),
        (.quote, market + "," + time + #","bid":[0.78,30],"ask":[0.8,null]"#),
        (.trade, market + "," + time + #","price":0.984,"size":148.78,"aggressor_side":"buy","trade_id":"0723-\n""#),
        (.marketStatus, market + "," + time + #","state":"paused""#),
        (.resolution, market + "," + time + #","settlement_price":1,"outcome_won":true"#),
        (.ticker, market + "," + time + #","last_price":0.5,"volume":120.5,"bid":null,"ask":[0.8,71.03]"#),
        (.feedStatus, feed + "," + time + #","state":"gap","since_us":5,"instruments":["a","b\"c"],"counters":{"lines":3,"skipped":-1}"#),
        (.stageStatus, feed + "," + time + #","stage":"mkt-merge","counters":{}"#),
        (.decision, feed + "," + time + #","rule":"r","edge":-0.000001"#),
        (
            .instrument,
            market + "," + time
                + #","outcome":"Up","complement":"7487","state":"open","tick_size":0.01,"min_size":5,"price_ranges":[{"start":0,"end":0.5,"step":0.001},{"start":0.5,"end":1,"step":0.01}],"open_us":1,"fee":{"model":"quadratic","taker_rate":0.07,"maker_rate":0,"exponent":1,"multiplier":1}"#
        ),
    ])
    func line_isSpelledAsTheContractSays(_ kind: EventKind, _ rest: String) {
        #expect(EventLines.line(kind) == "{\"v\":1,\"type\":\"\(kind.name)\",\(rest)}\n")
    }

    @Test func line_isTheSameBytesEveryTime() {
        for kind in EventKind.allCases { #expect(EventLines.line(kind) == EventLines.line(kind)) }
    }

    @Test func keys_comeInTheOrderOfThePage() throws {
        for kind in EventKind.allCases {
            var buffer = ByteBuffer()
            EventLines.write(kind, to: &buffer)
            var scanner = JSONScanner(UnsafeBufferPointer(rebasing: buffer.bytes.dropLast()))
            var keys: [String] = []
            try scanner.beginObject()
            while let key = try scanner.nextKey() {
                keys.append(key.string)
                try scanner.skipValue()
            }
            let own = ContractPage.types.first { $0.name == "\(kind.name)" }?.keys ?? []
            let order = ContractPage.envelope + (own.isEmpty ? ["id"] : own)
            #expect(keys == order.filter(keys.contains), "\(kind.name)")
        }
    }

    @Test func depth_cutsLevels() {
        var buffer = ByteBuffer()
        buffer.append(.bids, levels: [Level(3, 1), Level(2, 1), Level(1, 1)], depth: 2)
        #expect(buffer.text.string == #","bids":[[0.000003,0.000001],[0.000002,0.000001]]"#)
        buffer.removeAll()
        buffer.append(.asks, levels: [Level(3, 1)], depth: 0)
        #expect(buffer.text.string == #","asks":[]"#)
    }

    @Test func unknownValue_isNoKey() {
        var buffer = ByteBuffer()
        buffer.append(.seq, integer: nil)
        buffer.append(.price, millionths: nil)
        buffer.append(.label, string: String?.none)
        buffer.append(.label, string: JSONText?.none)
        buffer.append(.state, word: nil)
        buffer.append(.verified, bool: nil)
        buffer.append(InstrumentFacts())
        #expect(buffer.count == 0)
    }

    @Test func feeWithoutNumbers_standsAlone() {
        for (fee, text) in [(Fee(.free), "none"), (Fee(.unknown), "unknown")] {
            var facts = InstrumentFacts()
            facts.fee = fee
            var buffer = ByteBuffer()
            buffer.append(facts)
            #expect(buffer.text.string == ",\"fee\":{\"model\":\"\(text)\"}")
        }
    }

    @Test func marketStates_areThoseOfThePage() throws {
        let line = try #require(ContractPage.text.split(separator: "\n").first { $0.hasPrefix("`state`: `unopened`") })
        let sentence = try #require(line.split(separator: ".").first)
        #expect(MarketState.allCases.map { "\($0.name)" } == Array(ContractPage.words(String(sentence)).dropFirst()))
    }
}
