import JSON

/// A frame: the envelope, and the message in it. Source: venues dossier §3.
struct KalshiFrame {
    /// nil: a type that was never seen.
    var type: KalshiMessageType?
    var typeName: JSONText
    /// The command that this answers.
    var id: Int64?
    var sid: Int64?
    var seq: UInt64?
    var message: KalshiMessage

    init(type: KalshiMessageType?, typeName: JSONText, id: Int64?, sid: Int64?, seq: UInt64?, message: KalshiMessage) {
        (self.type, self.typeName, self.id, self.sid, self.seq, self.message) = (type, typeName, id, sid, seq, message)
    }

    /// Reads a whole frame. Throws `JSONError` for what is no JSON and `KalshiFault` for an envelope that cannot be read; a message that
    /// is no use inside a good envelope is `malformed`.
    init(_ frame: JSONText, wanted: KalshiChannels, _ scratch: inout KalshiScratch) throws {
        var scanner = JSONScanner(frame)
        var early: JSONText?
        var message: KalshiMessage?
        self.message = .unread
        typeName = JSONText(base: frame.base, count: 0)
        guard try scanner.peekKind() == .object else { throw KalshiFault.wrong("the frame") }
        scratch.tickers.removeAll(keepingCapacity: true)
        try scanner.beginObject()
        if let type = takeUsual(&scanner), scanner.takeKey(spelled: "\"msg\":") {
            message = try KalshiFrame.message(type, &scanner, &scratch, wanted)
        }
        while let key = try scanner.nextKey() {
            if key.isEqual(to: "type") {
                typeName = try scanner.text("type")
                type = KalshiMessageType(typeName)
            } else if key.isEqual(to: "msg") {
                // The venue puts the type first; where it does not, the message waits for it.
                if let type {
                    message = try KalshiFrame.message(type, &scanner, &scratch, wanted)
                } else {
                    early = try scanner.value()
                }
            } else {
                try readRest(key, &scanner, &scratch)
            }
        }
        try scanner.finish()
        guard !typeName.isEmpty else { throw KalshiFault.missing("type") }
        if let type, message == nil {
            message = try KalshiFrame.lateMessage(type, early, &scratch, wanted)
        }
        if let message { self.message = message }
    }

    /// The members in front of the message as the venue orders and spells them in nearly every frame, and the type that they tell.
    /// Whatever is otherwise is left to the long way.
    @inline(__always)
    private mutating func takeUsual(_ scanner: inout JSONScanner) -> KalshiMessageType? {
        guard let name = scanner.takeString(spelled: "\"type\":\"") else { return nil }
        typeName = name
        type = KalshiMessageType(name)
        guard let number = scanner.takeWhole(spelled: "\"sid\":") else { return type }
        sid = number
        if let place = scanner.takeWhole(spelled: "\"seq\":") { seq = UInt64(place) }
        return type
    }

    /// The envelope's other keys.
    private mutating func readRest(_ key: JSONText, _ scanner: inout JSONScanner, _ scratch: inout KalshiScratch) throws {
        if key.isEqual(to: "sid") {
            sid = try KalshiFrame.integer(&scanner, "sid")
        } else if key.isEqual(to: "seq") {
            seq = try KalshiFrame.sequence(&scanner)
        } else if key.isEqual(to: "id") {
            id = try KalshiFrame.integer(&scanner, "id")
        } else if key.isEqual(to: "market_tickers") {
            // Where older servers put an `ok`'s list.
            try scratch.readTickers(&scanner)
        } else {
            scratch.unknownFields.note(key, in: nil)
            try scanner.skipValue()
        }
    }

    private static func integer(_ scanner: inout JSONScanner, _ field: StaticString) throws -> Int64? {
        if try scanner.takeNull() { return nil }
        guard try scanner.peekKind() == .number, let value = try scanner.number().integer else { throw KalshiFault.wrong(field) }
        return value
    }

    /// A sequence number: 64 bits without a sign, since a narrower one has broken a client.
    private static func sequence(_ scanner: inout JSONScanner) throws -> UInt64? {
        if try scanner.takeNull() { return nil }
        guard try scanner.peekKind() == .number else { throw KalshiFault.wrong("seq") }
        let text = try scanner.number()
        if let value = text.integer {
            guard let seq = UInt64(exactly: value) else { throw KalshiFault.wrong("seq") }
            return seq
        }
        guard let seq = UInt64(text.string) else { throw KalshiFault.wrong("seq") }
        return seq
    }

    /// Reads the message where it stands; one that is legal JSON and no use is stepped over.
    private static func message(
        _ type: KalshiMessageType, _ scanner: inout JSONScanner, _ scratch: inout KalshiScratch, _ wanted: KalshiChannels
    ) throws -> KalshiMessage {
        let start = scanner
        do {
            return try KalshiMessage.read(type, &scanner, &scratch, wanted: wanted)
        } catch {
            // What is no JSON throws again here, and the frame is torn.
            scanner = start
            let text = try scanner.value()
            let fault = error as? KalshiFault ?? .wrong("a value")
            return .malformed(fault, ticker: KalshiMessage.ticker(of: text))
        }
    }

    private static func lateMessage(
        _ type: KalshiMessageType, _ early: JSONText?, _ scratch: inout KalshiScratch, _ wanted: KalshiChannels
    ) throws -> KalshiMessage {
        guard let early else {
            switch type {
            case .unsubscribed: return .unsubscribed
            case .ok: return .ok(KalshiOk(hasTickers: !scratch.tickers.isEmpty))
            default: return .malformed(.missing("msg"), ticker: nil)
            }
        }
        var scanner = JSONScanner(early)
        return try message(type, &scanner, &scratch, wanted)
    }
}
