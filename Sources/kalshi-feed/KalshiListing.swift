import JSON

/// Markets of a REST answer, as far as a session must know them to subscribe. What is told of them is the engine's business.
struct KalshiListing {
    struct Market: Equatable {
        var ticker = ""
        var event = ""
        /// The venue's word; `active` is open.
        var status = ""
        /// Millionths of contracts, for `--top` only; zero where it is not told or cannot be read.
        var volume24h: Int64 = 0
        /// What people search in.
        var words = ""

        /// Nothing will ever come of it.
        var isOver: Bool { ["determined", "disputed", "amended", "finalized", "settled"].contains(status) }
    }

    private(set) var markets: [Market] = []
    /// Where the next page begins; nil on the last one (`""`, null or nothing).
    private(set) var cursor: String?
    /// Markets whose tickers cannot be read, or could not be spelled into a frame.
    private(set) var faultCount = 0

    init(_ body: [UInt8]) throws(JSONError) {
        try body.withUnsafeBufferPointer { (bytes) throws(JSONError) in
            var scanner = JSONScanner(bytes)
            try scanner.beginObject()
            while let key = try scanner.nextKey() {
                if key.isEqual(to: "markets"), try scanner.peekKind() == .array {
                    try scanner.beginArray()
                    while try scanner.nextElement() { try take(&scanner) }
                } else if key.isEqual(to: "cursor"), try scanner.peekKind() == .string {
                    let text = try scanner.string().string
                    cursor = text.isEmpty ? nil : text
                } else {
                    try scanner.skipValue()
                }
            }
            try scanner.finish()
        }
    }

    private mutating func take(_ scanner: inout JSONScanner) throws(JSONError) {
        guard try scanner.peekKind() == .object else { return try scanner.skipValue() }
        var market = Market()
        var titles: [String] = []
        try scanner.beginObject()
        while let key = try scanner.nextKey() {
            guard try scanner.peekKind() == .string else {
                try scanner.skipValue()
                continue
            }
            let text = try scanner.string()
            if key.isEqual(to: "ticker") {
                market.ticker = text.string
            } else if key.isEqual(to: "event_ticker") {
                market.event = text.string
            } else if key.isEqual(to: "status") {
                market.status = text.string
            } else if key.isEqual(to: "volume_24h_fp") {
                market.volume24h = (try? Decimal6.parse(text)) ?? 0
            } else if key.isEqual(to: "title") || key.isEqual(to: "subtitle") || key.isEqual(to: "yes_sub_title") {
                titles.append(text.string)
            }
        }
        guard KalshiWish.isTicker(market.ticker[...]) else { return faultCount += 1 }
        market.words = ([market.ticker, market.event] + titles).joined(separator: " ").lowercased()
        markets.append(market)
    }
}
