import JSON

/// What the CLOB says of a market's outcomes: `tokens` of `GET /markets/{condition_id}` (dossier §4.1).
struct PolymarketClobMarket {
    let tokens: [String]
    /// The token whose outcome came true; nil where none has.
    let winner: String?

    /// Reads `[{"token_id":"…","outcome":"Yes","price":1,"winner":true},…]`; nil for what is no such list.
    init?(_ list: JSONText) throws(PolymarketFault) {
        var tokens: [String] = []
        var winners: [String] = []
        do {
            var scanner = JSONScanner(list)
            guard try scanner.peekKind() == .array else { return nil }
            try scanner.beginArray()
            while try scanner.nextElement() {
                let value = try scanner.value()
                guard let token = try PolymarketList.member("token_id", of: value), PolymarketListing.isToken(token) else { return nil }
                tokens.append(token)
                if try PolymarketClobMarket.isWinner(value) { winners.append(token) }
            }
        } catch {
            throw .wrong("tokens")
        }
        // Two winners of one question: nothing that money could be put on.
        guard winners.count <= 1 else { throw .wrong("winner") }
        self.tokens = tokens
        winner = winners.first
    }

    private static func isWinner(_ value: JSONText) throws(JSONError) -> Bool {
        var scanner = JSONScanner(value)
        try scanner.beginObject()
        var isWinner = false
        while let key = try scanner.nextKey() {
            let member = try scanner.value()
            if key.isEqual(to: "winner") { isWinner = member.isEqual(to: "true") }
        }
        return isWinner
    }
}
