import Testing

@testable import mkt_sink

@Suite struct NameCacheTests {
    @Test func anAnswer_isNeverThatOfAnotherName() {
        let cache = NameCache()
        var hits = 0
        for round in 0..<2 {
            for number in 0..<200_000 {
                let name = Array("name-\(1_000_000 + number)".utf8)
                name.withUnsafeBufferPointer { bytes in
                    let found = cache.find(bytes)
                    #expect(found == nil || found == Int64(number))
                    if found != nil { hits += 1 }
                    if round == 0 { cache.keep(bytes, Int64(number)) }
                }
            }
        }
        #expect(hits > 10_000)
    }

    @Test func anEmptyName_andOneTooLong() {
        let cache = NameCache()
        let long = [UInt8](repeating: 7, count: 5000)
        long.withUnsafeBufferPointer { bytes in
            cache.keep(bytes, 1)
            #expect(cache.find(bytes) == nil)
            let empty = UnsafeBufferPointer(rebasing: bytes[..<0])
            #expect(cache.find(empty) == nil)
            cache.keep(empty, 2)
            #expect(cache.find(empty) == 2)
        }
    }
}
