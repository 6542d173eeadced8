import JSON

/// Which tokens the answer of `POST /books` has: unknown ones are left out, in any order (dossier §4.1).
enum PolymarketBookList {
    static func tokens(_ body: [UInt8]) throws(JSONError) -> Set<String> {
        try body.withUnsafeBufferPointer { (bytes) throws(JSONError) in
            var scanner = JSONScanner(JSONText(bytes))
            var tokens: Set<String> = []
            try scanner.beginArray()
            while try scanner.nextElement() {
                if let token = try PolymarketList.member("asset_id", of: try scanner.value()) { tokens.insert(token) }
            }
            return tokens
        }
    }
}
