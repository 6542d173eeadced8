import JSON

/// Where an origin is looked for: a hash of the few bytes that tell it from others.
enum OriginHash {
    /// `,"market":"`, which is stepped over.
    private static let keyBytes = 11
    /// `","instrument":"`, behind the market.
    private static let betweenBytes = 16
    /// Of the instrument.
    private static let instrumentBytes = 8
    /// A longer market is taken up to here; a multiple of 16.
    private static let marketMax = 80

    /// Over the beginning and the end of the market and the beginning of the instrument; nil near the end of a line.
    ///
    /// Outcomes of one market differ at the beginning of the instrument, strikes of one event at the end of the market. Should the bytes
    /// be something else, it is some hash.
    ///
    /// - Parameter market: Where the market's comma is. Feed and venue, at least five bytes of them, stand before it.
    @inline(__always)
    static func of(_ market: UnsafePointer<UInt8>, before end: UnsafePointer<UInt8>) -> UInt64? {
        let start = market + keyBytes
        let limit = min(marketMax, (end - start - betweenBytes - instrumentBytes) & -16)
        guard limit > 0 else { return nil }
        let count = QuoteSearch.distance(from: start, upTo: limit)
        // Were a market cut where its line happens to end, its next line would have another hash.
        guard count < limit || limit == marketMax else { return nil }
        let quote = UnsafeRawPointer(start + count)
        let first = UnsafeRawPointer(start)
        // Two products side by side, and then one of both: a product of what the one before gave would have to wait for it.
        let begun = mixed(
            first.loadUnaligned(as: UInt64.self) ^ 0x9E37_79B9_7F4A_7C15,
            first.loadUnaligned(fromByteOffset: 8, as: UInt64.self) ^ 0xE703_7ED1_A0B4_28DB)
        let ended = mixed(
            (quote - 16).loadUnaligned(as: UInt64.self) ^ 0x8EBC_6AF0_9C88_C6E3,
            (quote - 8).loadUnaligned(as: UInt64.self) ^ 0x5899_65CC_7537_4CC3)
        let hash = mixed(
            begun ^ ended ^ 0xA076_1D64_78BD_642F,
            quote.loadUnaligned(fromByteOffset: betweenBytes, as: UInt64.self) ^ 0x1D8E_4E27_C47D_124F)
        return hash ^ hash >> 29
    }

    @inline(__always)
    private static func mixed(_ one: UInt64, _ other: UInt64) -> UInt64 {
        let product = one.multipliedFullWidth(by: other)
        return product.high ^ product.low
    }
}
