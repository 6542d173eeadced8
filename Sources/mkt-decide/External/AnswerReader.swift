import JSON
import MarketModel

/// Reads an answer strictly: what is missing, wrong, unknown or said twice makes it none.
enum AnswerReader {
    static func read(_ line: UnsafeBufferPointer<UInt8>) throws(AnswerFault) -> ProgramAnswer {
        do {
            var scanner = JSONScanner(line)
            let answer = try answer(&scanner)
            try scanner.finish()
            return answer
        } catch let fault as AnswerFault {
            throw fault
        } catch {
            throw AnswerFault("is not JSON: \(error)")
        }
    }

    private static func answer(_ scanner: inout JSONScanner) throws -> ProgramAnswer {
        var answer = ProgramAnswer()
        try object(&scanner, "the line") { key, scanner in
            switch key {
            case "legs": try array(&scanner, "legs") { answer.legs.append(try leg(&$1, "legs[\($0)]")) }
            case "because": try array(&scanner, "because") { answer.because.append(try ground(&$1, "because[\($0)]")) }
            case "note": answer.note = try text(&scanner, "note", isEmptyFine: true)
            default:
                guard let place = ProgramAnswer.sums.firstIndex(where: { "\($0.name)" == key }) else { return false }
                answer.sums[place] = try decimal(&scanner, key, least: key == "size" ? 0 : .min)
            }
            return true
        }
        guard !answer.legs.isEmpty else { throw AnswerFault("has no legs; it says which instrument it is about") }
        guard !answer.because.isEmpty else { throw AnswerFault("has no because; it says which lines it stands on") }
        // Oldest first, as in every decision; of equals as the program has them.
        let numbered = answer.because.enumerated().sorted { ($0.element.received, $0.offset) < ($1.element.received, $1.offset) }
        answer.because = numbered.map(\.element)
        return answer
    }

    private static func leg(_ scanner: inout JSONScanner, _ place: String) throws -> ProgramAnswer.Leg {
        var leg = ProgramAnswer.Leg()
        try object(&scanner, place) { key, scanner in
            let what = "\(place).\(key)"
            switch key {
            case "venue": leg.venue = try venue(&scanner, what)
            case "market": leg.market = try text(&scanner, what) ?? ""
            case "instrument": leg.instrument = try text(&scanner, what) ?? ""
            case "label": leg.label = try text(&scanner, what)
            case "outcome": leg.outcome = try text(&scanner, what, isEmptyFine: true)
            case "side": leg.side = try text(&scanner, what)
            case "price": leg.price = try decimal(&scanner, what, least: 0, most: Decimal6.one)
            case "average_price": leg.averagePrice = try decimal(&scanner, what, least: 0, most: Decimal6.one)
            case "size": leg.size = try decimal(&scanner, what, least: 0)
            case "fee": leg.fee = try decimal(&scanner, what)
            default: return false
            }
            return true
        }
        for (name, value) in [("venue", leg.venue), ("market", leg.market), ("instrument", leg.instrument)] where value.isEmpty {
            throw AnswerFault("lacks \(place).\(name)")
        }
        if let side = leg.side, side != "buy", side != "sell" { throw AnswerFault("has \(place).side '\(side)'; it is buy or sell") }
        return leg
    }

    private static func ground(_ scanner: inout JSONScanner, _ place: String) throws -> ProgramAnswer.Ground {
        var ground = ProgramAnswer.Ground()
        var received: Int64?
        try object(&scanner, place) { key, scanner in
            let what = "\(place).\(key)"
            switch key {
            case "instrument": ground.instrument = try text(&scanner, what)
            case "feed": ground.feed = try text(&scanner, what) ?? ""
            case "conn": ground.conn = try integer(&scanner, what, least: 1)
            case "seq": ground.seq = try integer(&scanner, what, least: 1)
            case "recv_us": received = try integer(&scanner, what)
            case "trade_id": ground.tradeID = try text(&scanner, what)
            default: return false
            }
            return true
        }
        guard !ground.feed.isEmpty else { throw AnswerFault("lacks \(place).feed") }
        guard let received else { throw AnswerFault("lacks \(place).recv_us") }
        ground.received = Timestamp(micros: received)
        return ground
    }

    // MARK: Values; `null` is as if it were not there

    /// Every key once; `take` says whether it knows it, and reads its value.
    private static func object(
        _ scanner: inout JSONScanner, _ what: String, _ take: (String, inout JSONScanner) throws -> Bool
    ) throws {
        guard try scanner.peekKind() == .object else { throw AnswerFault("is wrong: \(what) is no object") }
        try scanner.beginObject()
        var seen: Set<String> = []
        while let key = try scanner.nextKey()?.string {
            guard seen.insert(key).inserted else { throw AnswerFault("says '\(key)' twice in \(what)") }
            guard try take(key, &scanner) else { throw AnswerFault("has '\(key)' in \(what), which is not the program's to say") }
        }
    }

    private static func array(
        _ scanner: inout JSONScanner, _ what: String, _ take: (Int, inout JSONScanner) throws -> Void
    ) throws {
        guard try scanner.peekKind() == .array else { throw AnswerFault("is wrong: \(what) is no array") }
        try scanner.beginArray()
        var index = 0
        while try scanner.nextElement() {
            try take(index, &scanner)
            index += 1
        }
    }

    private static func text(_ scanner: inout JSONScanner, _ what: String, isEmptyFine: Bool = false) throws -> String? {
        if try scanner.takeNull() { return nil }
        guard try scanner.peekKind() == .string else { throw AnswerFault("is wrong: \(what) is no text") }
        let text = try scanner.string().string
        guard isEmptyFine || !text.isEmpty else { throw AnswerFault("is wrong: \(what) is empty") }
        return text
    }

    private static func venue(_ scanner: inout JSONScanner, _ what: String) throws -> String {
        let venue = try text(&scanner, what) ?? ""
        let isWord = venue.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
        }
        guard isWord, venue.first?.isLetter ?? true else { throw AnswerFault("is wrong: \(what) '\(venue)' is no venue's name") }
        return venue
    }

    private static func decimal(
        _ scanner: inout JSONScanner, _ what: String, least: Int64 = .min, most: Int64 = .max
    ) throws -> Int64? {
        guard let number = try number(&scanner, what) else { return nil }
        let millionths: Int64
        do {
            millionths = try Decimal6.parse(number)
        } catch {
            throw AnswerFault("is wrong: \(what) '\(number.string)' is no decimal with up to six places")
        }
        guard millionths >= least, millionths <= most else { throw AnswerFault("is wrong: \(what) \(number.string) is out of range") }
        return millionths
    }

    private static func integer(_ scanner: inout JSONScanner, _ what: String, least: Int64 = .min) throws -> Int64? {
        guard let number = try number(&scanner, what) else { return nil }
        guard let integer = number.integer, integer >= least else {
            throw AnswerFault("is wrong: \(what) '\(number.string)' is no whole number that can stand there")
        }
        return integer
    }

    private static func number(_ scanner: inout JSONScanner, _ what: String) throws -> JSONText? {
        if try scanner.takeNull() { return nil }
        let kind = try scanner.peekKind()
        guard kind == .number || kind == .string else { throw AnswerFault("is wrong: \(what) is no number") }
        return try scanner.numberOrString()
    }
}
