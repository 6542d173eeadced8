import JSON
import MarketModel

/// The ids of trades that were told, the latest of them: a trade may come over a socket, over its copy, and from REST.
struct KalshiTradeMemory {
    private static let idsMax = 1 << 16

    private var ids: Set<UInt128> = []
    /// In the order in which they came; a ring once it is full.
    private var ring: [(id: UInt128, time: Timestamp)] = []
    private var next = 0
    /// The latest venue time of a trade that was forgotten: what is not later cannot be told apart from one that was told.
    private(set) var horizon: Timestamp?

    /// Notes a trade. False if it was told already.
    mutating func take(_ id: JSONText, at time: Timestamp) -> Bool {
        let key = KalshiTradeMemory.key(id)
        guard ids.insert(key).inserted else { return false }
        guard ring.count == KalshiTradeMemory.idsMax else {
            if ring.isEmpty { ring.reserveCapacity(KalshiTradeMemory.idsMax) }
            ring.append((key, time))
            return true
        }
        ids.remove(ring[next].id)
        horizon = max(horizon ?? ring[next].time, ring[next].time)
        ring[next] = (key, time)
        next = (next + 1) % KalshiTradeMemory.idsMax
        return true
    }

    /// A UUID as it is; every other text by FNV-1a of 128 bits, which no two ids of a venue share by accident.
    private static func key(_ id: JSONText) -> UInt128 {
        if id.count == 36, let uuid = uuid(id) { return uuid }
        var hash: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d
        for index in 0..<id.count { hash = (hash ^ UInt128(id.base[index])) &* 0x0000_0000_0100_0000_0000_0000_0000_013b }
        return hash
    }

    private static func uuid(_ id: JSONText) -> UInt128? {
        var value: UInt128 = 0
        for index in 0..<36 {
            let byte = id.base[index]
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt128(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt128(byte - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return value
    }
}
