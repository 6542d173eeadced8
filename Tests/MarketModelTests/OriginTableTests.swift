import JSON
import MarketModel
import TestSupport
import Testing

/// A reader that has seen other lines reads each line as one that has seen none.
@Suite struct OriginTableTests {
    private static let fields: [EventField] = [.feed, .venue, .market, .instrument, .label, .outcome, .reason]

    /// What a line says to a reader: its texts, numbers and fault.
    private static func reading(_ decoder: inout EventDecoder, _ line: [UInt8], _ page: GuardedPage) -> String {
        do throws(EventError) {
            try decoder.decodeEvent(page.place(line))
            var told: [String] = []
            for field in fields {
                guard decoder.has(field) else {
                    told.append("-")
                    continue
                }
                do throws(EventError) { told.append(try decoder.text(field).map { "\($0.string) \($0.hasEscapes)" } ?? "null") } catch {
                    told.append("\(error)")
                }
            }
            told.append("\(decoder.received.micros) \(decoder.bookSequence) \(decoder.bids) \(decoder.asks)")
            return told.joined(separator: "|")
        } catch { return "\(error)" }
    }

    private static func line(_ feed: String, _ market: String, _ instrument: String, _ label: String?, _ rest: String) -> String {
        let labelled = label.map { ",\"label\":\"\($0)\"" } ?? ""
        return """
            {"v":1,"type":"book_delta","feed":"\(feed)","venue":"polymarket","market":"\(market)","instrument":"\(instrument)"\(labelled)\
            ,"conn":1,"seq":\(rest),"recv_us":1790267321911204,"bids":[[0.5,1]],"asks":[]}
            """
    }

    private static func randomLine(_ random: inout SeededGenerator) -> [UInt8] {
        let markets = [
            "0x35e51b4fa26536a12529ec24cca6f84c49c30aa5537cd73eee156255122d6004", "KXBTC-26SEP2516-T84000", "m", "quo\\\"te", "",
        ]
        let instruments = [
            "23692628453035138060672754458228165638618058301186589581658320520971620895331",
            "11490139419456672197234167427607258788223090335704629906674780345233373267947", "KX", "i\\u0041", "",
        ]
        let market = markets[random.below(markets.count)]
        let label = [nil, "up/Yes", "up/No", "é\\n"][random.below(4)]
        var text = line(
            ["pm", "pm-2"][random.below(2)], market, instruments[random.below(instruments.count)], label, "\(random.below(90))")
        // Other orders, blanks, keys twice, values of other kinds: each is the long way's.
        switch random.below(14) {
        case 0: text = text.replacing(",\"market\"", with: ", \"market\"")
        case 1: text = text.replacing(",\"conn\":1", with: ",\"conn\":1,\"market\":\"other\"")
        case 2: text = text.replacing(",\"conn\":1", with: ",\"conn\":1,\"label\":\"late\"")
        case 3: text = text.replacing("\"v\":1,", with: "\"label\":\"early\",\"v\":1,")
        case 4: text = text.replacing("\"venue\":\"polymarket\"", with: "\"venue\":null")
        case 5: text = text.replacing(",\"venue\"", with: ",\"reason\":\"x\",\"venue\"")
        case 6: text = text.replacing("\"feed\":\"pm\",", with: "\"feed\":\"pm\",\"feed\":\"pm\",")
        case 7: text = text.replacing(",\"instrument\"", with: ",\"reason\":\"y\",\"instrument\"")
        case 8: text = text.replacing(",\"label\"", with: ",\"outcome\":\"z\",\"label\"")
        default: break
        }
        var bytes = Array(text.utf8)
        switch random.below(6) {
        case 0: bytes[random.below(bytes.count)] = UInt8(random.below(256))
        case 1: bytes.removeLast(random.below(bytes.count))
        default: break
        }
        return bytes
    }

    @Test func linesSeenBefore_changeNothingThatALineSays() {
        var random = SeededGenerator(seed: 31)
        let page = GuardedPage()
        var used = EventDecoder()
        for round in 0..<6000 {
            let line = OriginTableTests.randomLine(&random)
            var fresh = EventDecoder()
            let (said, expected) = (OriginTableTests.reading(&used, line, page), OriginTableTests.reading(&fresh, line, page))
            if said != expected { Issue.record("round \(round): \(String(decoding: line, as: UTF8.self)) says \(said), not \(expected)") }
        }
    }

    @Test func aNumber_standsForOneFeedVenueMarketAndInstrument() throws {
        var random = SeededGenerator(seed: 32)
        let page = GuardedPage()
        var decoder = EventDecoder()
        var known: [Int: String] = [:]
        var found = 0
        for _ in 0..<6000 {
            guard (try? decoder.decodeEvent(page.place(OriginTableTests.randomLine(&random)))) != nil, let number = decoder.originNumber
            else {
                continue
            }
            let four = try [EventField.feed, .venue, .market, .instrument].map { try decoder.requireText($0).string }.joined(separator: "|")
            #expect(known[number, default: four] == four)
            if known[number] != nil { found += 1 }
            known[number] = four
        }
        #expect(found > 500 && known.count > 20)
    }

    @Test func manyOrigins_areAllFoundAgain_andMemoryIsBounded() throws {
        let page = GuardedPage()
        var decoder = EventDecoder()
        var numbers: [Int?] = []
        for _ in 0..<2 {
            for index in 0..<5000 {
                let line = OriginTableTests.line("pm", "0x\(index)35e51b4fa26536a12529ec24cca6f84c49c30aa5537cd73e", "i\(index)", nil, "1")
                try decoder.decodeEvent(page.place(Array(line.utf8)))
                numbers.append(decoder.originNumber)
                #expect(try decoder.requireText(.instrument).string == "i\(index)")
            }
        }
        let first = Set(numbers.prefix(5000).compactMap(\.self))
        #expect(first.count > 4990)
        #expect(zip(numbers.prefix(5000), numbers.suffix(5000)).count { $0 == $1 && $0 != nil } > 4900)
    }

    @Test func originsOfLines_areGuessed_whateverTypesComeBefore() throws {
        var random = SeededGenerator(seed: 33)
        let (page, otherPage) = (GuardedPage(), GuardedPage())
        var decoder = EventDecoder()
        // So many that some are not where their hash leads to.
        let count = EventDecoder.originsNear * 5
        // Of all lengths: where the market of the line before stood says nothing.
        let types = ["book_delta", "quote", "trade", "book_snapshot"]
        func make(_ index: Int) -> [UInt8] {
            let line = OriginTableTests.line("pm", "0x\(index)35e51b4fa26536a12529ec24cca6f84c49c30aa", "\(index)1490139419", "l", "7")
            return Array(line.replacing("book_delta", with: types[random.below(types.count)]).utf8)
        }
        for index in 0..<count { try decoder.decodeEvent(page.place(make(index))) }
        let lines = (0..<4000).map { _ in make(random.below(count)) }
        // As a stage does it: before a line is taken, the one after the next is shown, and the number of the next one is told.
        var (guess, next): (Int?, Int?) = (nil, nil)
        var (right, wrong) = (0, 0)
        for index in lines.indices {
            next = decoder.expect(otherPage.place(index + 2 < lines.count ? lines[index + 2] : []))
            try decoder.decodeEvent(page.place(lines[index]))
            if guess == decoder.originNumber { right += 1 } else if guess != nil { wrong += 1 }
            guess = next
        }
        #expect(wrong == 0)
        #expect(right > lines.count * 97 / 100, "\(right)")
    }

    @Test func manyNamesOfOneBeginning_areReadRightAll_thoughFewAreKept() throws {
        let page = GuardedPage()
        var decoder = EventDecoder()
        for index in 0..<2000 {
            let market = "0x35e51b4fa26536a12529ec24cca6f84c49c30aa5537cd73eee156255122d6004"
            try decoder.decodeEvent(page.place(Array(OriginTableTests.line("pm", market, "i\(index)", nil, "1").utf8)))
            #expect(try decoder.requireText(.instrument).string == "i\(index)")
        }
    }

    /// A decoder that has seen so many origins that it looks ahead.
    private static func seasoned(_ page: GuardedPage) -> EventDecoder {
        var decoder = EventDecoder()
        for number in 0..<EventDecoder.originsNear {
            let line = line("f", "\(number) is the number of a market of its own", "token-\(number)", "l", "1")
            try? decoder.decodeEvent(page.place(Array(line.utf8)))
        }
        return decoder
    }

    @Test func expectingAnyBytes_changesNothing_andReadsNothingBehindThem() {
        var random = SeededGenerator(seed: 77)
        var (told, silent) = (Set<Int>(), 0)
        let (page, otherPage) = (GuardedPage(), GuardedPage())
        var expecting = OriginTableTests.seasoned(page)
        var plain = OriginTableTests.seasoned(page)
        for _ in 0..<4000 {
            let line = OriginTableTests.randomLine(&random)
            let following = OriginTableTests.randomLine(&random)
            let count = random.chance(3) ? random.below(following.count + 1) : following.count
            let guess = expecting.expect(otherPage.place(Array(following[..<count])))
            if let guess { told.insert(guess) } else { silent += 1 }
            #expect(OriginTableTests.reading(&expecting, line, page) == OriginTableTests.reading(&plain, line, page))
            #expect(expecting.originNumber == plain.originNumber)
        }
        #expect(told.count > 3 && silent > 100)
    }

    @Test func lineLikeTheOneBefore_isExpectedByItsNumber() throws {
        let page = GuardedPage()
        var fresh = EventDecoder()
        for _ in 0..<2 { #expect(fresh.expect(page.place(Array(OriginTableTests.line("pm", "m", "i", nil, "1").utf8))) == nil) }
        var decoder = OriginTableTests.seasoned(page)
        let market = "0x35e51b4fa26536a12529ec24cca6f84c49c30aa5537cd73eee156255122d600"
        var numbers: [Int] = []
        var hits = 0
        for round in 0..<2 {
            for index in 0..<8 {
                let line = Array(OriginTableTests.line("pm", "0x\(index)" + market, "token-\(index)", "l/Yes", "\(round + 1)").utf8)
                // The number comes a call later than the line.
                if round == 1, index > 0 {
                    decoder.expect(page.place(line))
                    if decoder.expect(page.place([])) == numbers[index] { hits += 1 }
                    #expect(decoder.expect(page.place(line)) == nil)
                }
                try decoder.decodeEvent(page.place(line))
                numbers.append(decoder.originNumber ?? -1)
            }
        }
        // Where two hashes want one place nobody knows the second one.
        #expect(hits >= 5)
        #expect(Array(numbers[..<8]) == Array(numbers[8...]))
    }

    @Test func outcomesOfOneMarket_areExpectedEachByItsOwnNumber() throws {
        let page = GuardedPage()
        var decoder = OriginTableTests.seasoned(page)
        let tokens = [
            "23692628453035138060672754458228165638618058301186589581658320520971620895331",
            "11490139419456672197234167427607258788223090335704629906674780345233373267947",
        ]
        var lines: [[UInt8]] = []
        for index in 0..<20 {
            let market = "0x\(1000 + index)1b4fa26536a12529ec24cca6f84c49c30aa5537cd73eee156255122d6004"
            for token in tokens { lines.append(Array(OriginTableTests.line("pm", market, token, "up/Yes", "1").utf8)) }
        }
        var numbers: [Int] = []
        for line in lines + lines[..<1] {
            try decoder.decodeEvent(page.place(line))
            numbers.append(decoder.originNumber ?? -1)
        }
        var hits = 0
        for (index, line) in lines.enumerated() {
            decoder.expect(page.place(line))
            guard let told = decoder.expect(page.place([])) else { continue }
            #expect(told == numbers[index])
            hits += 1
        }
        #expect(hits > 25)
    }

    @Test func linesCutAnywhere_areReadRight_andNothingBeforeOrBehindIsTouched() throws {
        let (page, otherPage) = (GuardedPage(), GuardedPage())
        var decoder = OriginTableTests.seasoned(page)
        let market = "0x35e51b4fa26536a12529ec24cca6f84c49c30aa5537cd73eee156255122d6004"
        let line = Array(OriginTableTests.line("pm", market, "token", nil, "1").utf8)
        // Nothing was found yet, so nobody knows where a market stands.
        #expect(decoder.expect(otherPage.placeAtStart(line)) == nil)
        #expect(decoder.expect(otherPage.placeAtStart(line)) == nil)
        try decoder.decodeEvent(page.place(line))
        for count in 0...line.count {
            decoder.expect(otherPage.placeAtStart(Array(line[..<count])))
            decoder.expect(otherPage.place(Array(line[..<count])))
            var fresh = EventDecoder()
            let cut = Array(line[..<count])
            #expect(OriginTableTests.reading(&decoder, cut, page) == OriginTableTests.reading(&fresh, cut, page))
        }
    }

    @Test func anyOtherByte_makesAnotherOrigin() throws {
        let page = GuardedPage()
        var decoder = EventDecoder()
        let market = "0x35e51b4fa26536a12529ec24cca6f84c49c30aa5537cd73eee156255122d6004"
        let text = OriginTableTests.line("pm", market, "token-0001", "up/Yes", "1")
        let line = Array(text.utf8)
        try decoder.decodeEvent(page.place(line))
        let number = decoder.originNumber
        #expect(number != nil)
        let first = try #require(text.firstRange(of: "\"feed\"")).lowerBound
        let behind = try #require(text.firstRange(of: ",\"conn\"")).lowerBound
        let offset = text.utf8.distance(from: text.startIndex, to: first)
        for place in offset..<offset + text.utf8.distance(from: first, to: behind) {
            for bit in 0..<7 {
                var other = line
                other[place] ^= 1 << UInt8(bit)
                var fresh = EventDecoder()
                #expect(OriginTableTests.reading(&decoder, other, page) == OriginTableTests.reading(&fresh, other, page))
                if (try? decoder.decodeEvent(page.place(other))) != nil { #expect(decoder.originNumber != number) }
                try decoder.decodeEvent(page.place(line))
                #expect(decoder.originNumber == number)
            }
        }
    }
}
