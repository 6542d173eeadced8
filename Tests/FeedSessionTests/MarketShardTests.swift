import FeedSession
import Testing

@Suite struct MarketShardTests {
    @Test(arguments: ["1/1", "1/2", "2/2", "17/10000", "10000/10000"]) func partOfAWhole_isRead(text: String) {
        let shard = MarketShard(text)
        #expect(shard.map { "\($0.number)/\($0.count)" } == text)
    }

    @Test(arguments: ["", "1", "0/2", "3/2", "1/0", "-1/2", "1/2/3", "a/b", "1/", "/2", " 1/2", "1/10001", "0x1/2", "1.0/2"])
    func whatIsNone_isRefused(text: String) { #expect(MarketShard(text) == nil) }

    /// Every process computes alike, also of another version: the values are those of FNV-1a's own page (64 bits).
    @Test(arguments: [("", 0xcbf2_9ce4_8422_2325 as UInt64), ("a", 0xaf63_dc4c_8601_ec8c), ("foobar", 0x8594_4171_f739_67e8)])
    func hash_isFNV1a(name: String, hash: UInt64) {
        for count in [2, 3, 7, 10_000] as [UInt64] {
            #expect(MarketShard("\(hash % count + 1)/\(count)")?.includes(name) == true)
        }
    }

    @Test func everyMarket_isInExactlyOnePart_andThePartsAreOfOneSize() {
        for count in [1, 2, 3, 7] {
            let shards = (1...count).compactMap { MarketShard("\($0)/\(count)") }
            var sizes = [Int](repeating: 0, count: count)
            for number in 0..<2100 {
                let homes = shards.indices.filter { shards[$0].includes("0x\(String(number, radix: 16))") }
                #expect(homes.count == 1)
                for home in homes { sizes[home] += 1 }
            }
            #expect(sizes.allSatisfy { $0 > 2100 / count * 7 / 10 })
        }
        #expect(MarketShard.whole.includes("anything"))
    }
}
