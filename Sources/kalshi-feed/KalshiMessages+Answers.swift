import JSON

/// `subscribed`: a channel is open on this connection, under a sid. It has no `seq`. Source: venues dossier §2.1.
struct KalshiSubscribed {
    let channel: KalshiChannel
    let sid: Int64
}

/// `ok`: a command was done. With a list: all markets that are on the sid now.
struct KalshiOk {
    let hasTickers: Bool
    /// It answers `list_subscriptions`: what is open is in the scratch memory.
    var isList = false
}

/// `error`: a command failed, or a subscription is over. Source: venues dossier §2.2.
struct KalshiErrorAnswer {
    let code: Int64
    let words: JSONText?

    /// 10 channel error, 25 buffer overflow, and the retired 17 end the subscription on the server.
    var endsSubscription: Bool { code == 10 || code == 17 || code == 25 }
}

extension KalshiSubscribed {
    init(_ scanner: inout JSONScanner, _ scratch: inout KalshiScratch) throws {
        var channel: KalshiChannel?
        var sid: Int64?
        try scanner.beginObject()
        while let key = try scanner.nextKey() {
            if key.isEqual(to: "channel") {
                channel = KalshiChannel(try scanner.text("channel"))
            } else if key.isEqual(to: "sid") {
                guard try scanner.peekKind() == .number else { throw KalshiFault.wrong("sid") }
                sid = try scanner.number().integer
            } else {
                scratch.unknownFields.note(key, in: .subscribed)
                try scanner.skipValue()
            }
        }
        guard let channel else { throw KalshiFault.missing("channel") }
        guard let sid else { throw KalshiFault.missing("sid") }
        self.init(channel: channel, sid: sid)
    }
}

extension KalshiOk {
    init(_ scanner: inout JSONScanner, _ scratch: inout KalshiScratch) throws {
        var hasTickers = false
        guard try scanner.peekKind() == .object else {
            let isList = try scanner.peekKind() == .array
            if isList { try scratch.readOpenSubscriptions(&scanner) } else { try scanner.skipValue() }
            self.init(hasTickers: !scratch.tickers.isEmpty, isList: isList)
            return
        }
        try scanner.beginObject()
        while let key = try scanner.nextKey() {
            if key.isEqual(to: "market_tickers") {
                hasTickers = try scanner.peekKind() != .null
                try scratch.readTickers(&scanner)
            } else {
                try scanner.skipValue()
            }
        }
        self.init(hasTickers: hasTickers || !scratch.tickers.isEmpty)
    }
}

extension KalshiErrorAnswer {
    init(_ scanner: inout JSONScanner, _ scratch: inout KalshiScratch) throws {
        var code: Int64?
        var words: JSONText?
        try scanner.beginObject()
        while let key = try scanner.nextKey() {
            if key.isEqual(to: "code") {
                guard try scanner.peekKind() == .number else { throw KalshiFault.wrong("code") }
                code = try scanner.number().integer
            } else if key.isEqual(to: "msg") {
                words = try scanner.peekKind() == .string ? try scanner.string() : nil
                if words == nil { try scanner.skipValue() }
            } else if key.isEqual(to: "market_tickers") {
                try scratch.readTickers(&scanner)
            } else if key.isEqual(to: "market_ticker"), try scanner.peekKind() == .string {
                scratch.tickers = [try scanner.string()]
            } else {
                try scanner.skipValue()
            }
        }
        guard let code else { throw KalshiFault.missing("code") }
        self.init(code: code, words: words)
    }
}

extension KalshiScratch {
    /// `[{"channel":"orderbook_delta","sid":1},…]`.
    mutating func readOpenSubscriptions(_ scanner: inout JSONScanner) throws {
        openSubscriptions.removeAll(keepingCapacity: true)
        try scanner.beginArray()
        while try scanner.nextElement() {
            guard try scanner.peekKind() == .object else { throw KalshiFault.wrong("a subscription of a list") }
            var (channel, sid): (KalshiChannel?, Int64?)
            try scanner.beginObject()
            while let key = try scanner.nextKey() {
                if key.isEqual(to: "channel") {
                    channel = KalshiChannel(try scanner.text("channel"))
                } else if key.isEqual(to: "sid"), try scanner.peekKind() == .number {
                    sid = try scanner.number().integer
                } else {
                    try scanner.skipValue()
                }
            }
            guard let channel, let sid else { throw KalshiFault.missing("channel or sid of a subscription of a list") }
            openSubscriptions.append(KalshiOpenSubscription(channel: channel, sid: sid))
        }
    }

    /// `["A","B",…]` into `tickers`; null is an empty list.
    mutating func readTickers(_ scanner: inout JSONScanner) throws {
        tickers.removeAll(keepingCapacity: true)
        if try scanner.takeNull() { return }
        guard try scanner.peekKind() == .array else { throw KalshiFault.wrong("market_tickers") }
        try scanner.beginArray()
        while try scanner.nextElement() { tickers.append(try scanner.text("market_tickers")) }
    }
}
