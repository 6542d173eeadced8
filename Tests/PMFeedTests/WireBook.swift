import OpenSSL

/// The venue's side of a book, made in the tests from the dossier alone: texts, frames and the hash over them.
struct WireBook {
    var market = "0x9027a12cbbf78e9bff760402ab106732fa5a4af2002e4f48e5cc406ac1447800"
    var asset = "74866639935465906228822387344939614806982371503507376045493150406757418241698"
    /// Rising, as the venue sends them.
    var bids: [(String, String)] = [("0.4", "10"), ("0.5", "20"), ("0.6", "30")]
    /// Falling.
    var asks: [(String, String)] = [("0.9", "40"), ("0.8", "50"), ("0.7", "60")]
    var tick = "0.01"
    var last = "0.650"
    var minSize = "5"
    var isNegRisk = false

    /// What the hash is over, put together by hand (dossier §2.9).
    func preimage(_ millis: Int64, keys: Int = 10) -> String {
        func side(_ levels: [(String, String)]) -> String {
            levels.map { #"{"price":"\#($0.0)","size":"\#($0.1)"}"# }.joined(separator: ",")
        }
        let head = #"{"market":"\#(market)","asset_id":"\#(asset)","timestamp":"\#(millis)","hash":"","#
        let middle = #""bids":[\#(side(bids))],"asks":[\#(side(asks))],"min_order_size":"\#(minSize)","#
        let end = #""tick_size":"\#(tick)","neg_risk":\#(isNegRisk)"#
        return head + middle + end + (keys == 10 ? #","last_trade_price":"\#(last)"}"# : "}")
    }

    func hash(_ millis: Int64, keys: Int = 10) -> String {
        Array(preimage(millis, keys: keys).utf8).withUnsafeBufferPointer { Digest.hex(.sha1, of: $0) }
    }

    private func levels(_ side: [(String, String)]) -> String {
        "[" + side.map { #"{"price":"\#($0.0)","size":"\#($0.1)"}"# }.joined(separator: ",") + "]"
    }

    /// A `book` message. A first one tells tick size and last price, a refresh does not.
    func frame(_ millis: Int64, hash told: String? = nil, isFirst: Bool = true, keys: Int = 10) -> String {
        let head = #"{"market":"\#(market)","asset_id":"\#(asset)","timestamp":"\#(millis)","hash":"\#(told ?? hash(millis, keys: keys))","#
        let levels = #""bids":\#(levels(bids)),"asks":\#(levels(asks))"#
        let end = isFirst ? #","tick_size":"\#(tick)","event_type":"book","last_trade_price":"\#(last)"}"# : #","event_type":"book"}"#
        return head + levels + end
    }

    /// The answer of `GET /book`.
    func rest(_ millis: Int64, hash told: String? = nil) -> String {
        let head = #"{"market":"\#(market)","asset_id":"\#(asset)","timestamp":"\#(millis)","hash":"\#(told ?? hash(millis))","#
        let levels = #""bids":\#(levels(bids)),"asks":\#(levels(asks)),"min_order_size":"\#(minSize)","#
        return head + levels + #""tick_size":"\#(tick)","neg_risk":\#(isNegRisk),"last_trade_price":"\#(last)"}"#
    }

    /// Sets a level; size "0" takes it away.
    mutating func set(_ side: String, _ price: String, _ size: String) {
        let isBid = side == "BUY"
        var levels = (isBid ? bids : asks).filter { Double($0.0) != Double(price) }
        if size != "0" { levels.append((price, size)) }
        levels.sort { isBid ? Double($0.0)! < Double($1.0)! : Double($0.0)! > Double($1.0)! }
        if isBid { bids = levels } else { asks = levels }
    }

    var bestBid: String { bids.last?.0 ?? "0" }
    var bestAsk: String { asks.last?.0 ?? "1" }

    /// An entry of `price_changes` for a change that this book has already taken.
    func entry(_ side: String, _ price: String, _ size: String, _ millis: Int64, hash told: String? = nil) -> String {
        #"{"asset_id":"\#(asset)", "price":"\#(price)", "size":"\#(size)", "side":"\#(side)", "hash":"\#(told ?? hash(millis))", "#
            + #""best_bid":"\#(bestBid)", "best_ask":"\#(bestAsk)"}"#
    }

    /// Takes a change and gives its message, with one entry.
    mutating func change(_ side: String, _ price: String, _ size: String, _ millis: Int64, hash told: String? = nil) -> String {
        set(side, price, size)
        return message([entry(side, price, size, millis, hash: told)], millis)
    }

    func message(_ entries: [String], _ millis: Int64) -> String {
        #"{"market":"\#(market)", "price_changes":[\#(entries.joined(separator: ", "))], "timestamp":"\#(millis)", "event_type":"price_change"}"#
    }

    func trade(_ price: String, _ size: String, _ side: String, _ millis: Int64, tx: String = "0xabc") -> String {
        #"{"market":"\#(market)","asset_id":"\#(asset)","price":"\#(price)","size":"\#(size)","fee_rate_bps":"0","side":"\#(side)","timestamp":"\#(millis)","event_type":"last_trade_price","transaction_hash":"\#(tx)"}"#
    }

    /// Another market's book.
    static func other(_ number: Int) -> WireBook {
        WireBook(market: "0xother\(number)", asset: "900\(number)")
    }
}

/// The venue's clock in the tests, one second before the session's.
let venueMillis: Int64 = 1_789_999_999_000
