import JSON
import MarketModel
import TestSupport
import Testing

/// What a reader refuses, fault by fault, and that nothing brings it down.
@Suite struct EventDecoderFaultTests {
    @Test(arguments: [
        ("type", EventError.missing(.type)), ("feed", .missing(.feed)), ("venue", .missing(.venue)), ("market", .missing(.market)),
        ("instrument", .missing(.instrument)), ("seq", .missing(.seq)), ("recv_us", .missing(.recvUs)), ("bids", .missing(.bids)),
        ("asks", .missing(.asks)), ("v", .version),
    ])
    func missingKey_isTold(_ key: String, _ fault: EventError) {
        let reader = Decoding()
        #expect(reader.fault(LineParts.delta.without(key)) == fault)
        if !["bids", "asks"].contains(key) { #expect(reader.fault(LineParts.delta.with(key, "null")) == fault) }
    }

    @Test(arguments: [
        ("v", "2", EventError.version), ("v", "true", .wrongValue(.v)), ("v", "1.5", .wrongValue(.v)), ("type", "7", .wrongValue(.type)),
        ("feed", "[]", .wrongValue(.feed)), ("venue", "1", .wrongValue(.venue)), ("market", "{}", .wrongValue(.market)),
        ("instrument", "false", .wrongValue(.instrument)), ("seq", "0", .outOfRange(.seq)), ("seq", "-1", .outOfRange(.seq)),
        ("seq", "1.5", .wrongValue(.seq)), ("seq", "9223372036854775808", .wrongValue(.seq)), ("recv_us", "\"now\"", .wrongValue(.recvUs)),
        ("recv_us", "[]", .wrongValue(.recvUs)), ("bids", "null", .wrongValue(.bids)), ("bids", "{}", .wrongValue(.bids)),
        ("bids", "[1]", .wrongValue(.bids)),
        ("bids", "[[]]", .wrongValue(.bids)), ("bids", "[[0.5]]", .wrongValue(.bids)), ("bids", "[[0.5,1,2]]", .wrongValue(.bids)),
        ("bids", "[[0.5,null]]", .wrongValue(.bids)), ("bids", "[[null,1]]", .wrongValue(.bids)),
        ("asks", "[[\"x\",1]]", .wrongValue(.asks)),
        ("asks", "[[\"\",1]]", .wrongValue(.asks)), ("asks", "[[0.5,[1]]]", .wrongValue(.asks)),
        ("asks", "[[1.000001,1]]", .outOfRange(.asks)),
        ("asks", "[[-0.1,1]]", .outOfRange(.asks)), ("asks", "[[0.5,-1]]", .outOfRange(.asks)),
        ("asks", "[[0.1234567,1]]", .outOfRange(.asks)),
        ("asks", "[[0.5,1e13]]", .outOfRange(.asks)), ("bids", "[[0.5,1],[0.5,2]]", .priceTwice(.bids)),
        ("bids", "[[0.5,1],[0.4,1],[0.50,0]]", .priceTwice(.bids)), ("asks", "[[0.1,1],[0.3,1],[0.2,1],[0.3,1]]", .priceTwice(.asks)),
    ])
    func wrongValue_isTold(_ key: String, _ value: String, _ fault: EventError) {
        let reader = Decoding()
        #expect(reader.fault(LineParts.delta.with(key, value)) == fault)
        #expect(reader.fault(LineParts.delta.line) == nil)
    }

    @Test(arguments: [
        ("0.1234567", EventError.outOfRange(.price)), ("1.000001", .outOfRange(.price)), ("-0.000001", .outOfRange(.price)),
        ("1e99", .outOfRange(.price)), ("\"abc\"", .wrongValue(.price)), ("true", .wrongValue(.price)), ("[0.5]", .wrongValue(.price)),
        ("null", .missing(.price)), ("\"\"", .wrongValue(.price)),
    ])
    func wrongPrice_isToldWhenAskedFor(_ value: String, _ fault: EventError) throws {
        let reader = Decoding()
        try reader.decode(LineParts.trade.with("price", value))
        #expect(throws: fault) { _ = try reader.requirePrice(.price) }
    }

    @Test func wrongKindOfValue_isToldByEveryAccess() throws {
        let reader = Decoding()
        try reader.decode(LineParts.trade.with("tx", "[1]").replacing("\"size\":3", with: "\"size\":-1"))
        #expect(throws: EventError.wrongValue(.tx)) { _ = try reader.text(.tx) }
        #expect(throws: EventError.wrongValue(.tx)) { _ = try reader.bool(.tx) }
        #expect(throws: EventError.wrongValue(.tx)) { _ = try reader.integer(.tx) }
        #expect(throws: EventError.wrongValue(.price)) { _ = try reader.container(.price) }
        #expect(throws: EventError.outOfRange(.size)) { _ = try reader.requireSize(.size) }
        #expect(throws: EventError.missing(.id)) { _ = try reader.requireText(.id) }
    }

    @Test(arguments: ["", " ", "null", "[]", "7", "\"x\"", "{", "{}x", "{\"v\":1", "{\"v\":1}}", "{\"v\":1,}", "{\"v\":01}"])
    func lineThatIsNoObject_isMalformed(_ line: String) {
        let reader = Decoding()
        guard case .json = reader.fault(line) else { return #expect(Bool(false), "\(line) was taken") }
    }

    @Test func everyPrefixOfALine_isMalformed() {
        let reader = Decoding()
        for kind in EventKind.allCases {
            let line = Array(EventLines.line(kind).utf8.dropLast())
            for cut in 0..<line.count {
                guard case .json = reader.fault(String(decoding: line[..<cut], as: UTF8.self)) else {
                    Issue.record("\(kind.name) cut at \(cut) was taken")
                    continue
                }
            }
        }
    }

    @Test func randomMutations_neverCrash_andLeaveTheDecoderSound() throws {
        var random = SeededGenerator(seed: 32)
        let reader = Decoding()
        let lines = EventKind.allCases.map { Array(EventLines.line($0).utf8) }
        for _ in 0..<20_000 {
            var line = random.pick(lines)
            for _ in 0...random.below(4) { mutate(&line, lines, &random) }
            do throws(EventError) {
                try reader.decode(line)
                readAll(reader)
            } catch {
                _ = error.description
                _ = error.counter
            }
        }
        try reader.decode(LineParts.delta.line)
        #expect(reader.bids == [Level(500_000, 3_000_000)])
    }

    private func mutate(_ line: inout [UInt8], _ lines: [[UInt8]], _ random: inout SeededGenerator) {
        guard !line.isEmpty else { return line = random.pick(lines) }
        let at = random.below(line.count)
        switch random.below(6) {
        case 0: line[at] = UInt8(truncatingIfNeeded: random.next())
        case 1: line[at] ^= 1 << UInt8(random.below(8))
        case 2: line.removeSubrange(at..<min(line.count, at + random.below(9)))
        case 3: line.insert(contentsOf: random.pick(lines).prefix(random.below(60)), at: at)
        case 4: line[at] = random.pick(Array("{}[]\",:0123456789-.eE\\untf ".utf8))
        default: line.removeSubrange(at...)
        }
    }

    /// Asks for every value in every way.
    private func readAll(_ reader: Decoding) {
        for field in EventField.allCases {
            _ = try? reader.text(field)
            _ = try? reader.integer(field)
            _ = try? reader.millionths(field)
            _ = try? reader.bool(field)
            _ = try? reader.container(field)
            _ = try? reader.requirePrice(field)
            _ = try? reader.requireSize(field)
        }
    }

    @Test func everyFault_hasACounterWithoutItsPlace() {
        for (error, counter) in [
            (EventError.json(JSONError(.tooDeep, offset: 3)), "malformed_json"), (.version, "unknown_version"),
            (.missing(.price), "missing_price"),
            (.wrongValue(.bids), "wrong_bids"), (.outOfRange(.size), "out_of_range_size"), (.priceTwice(.asks), "price_twice_asks"),
        ] {
            #expect(error.counter == counter)
            #expect(!error.description.isEmpty)
        }
    }
}
