import TestSupport
import Testing

@testable import MarketModel

@Suite struct KeyedDigestTests {
    private let key = KeyedDigest.Key.shared

    private func digest(_ bytes: UnsafeBufferPointer<UInt8>) -> KeyedDigest {
        key.digest(bytes.baseAddress!, count: bytes.count)
    }

    @Test func equalBytes_haveOneDigest_whereverTheyStand_andNothingElseIsRead() {
        var random = SeededGenerator(seed: 3)
        let page = GuardedPage()
        for count in 0...KeyedDigest.bytesMax {
            let bytes = (0..<count).map { _ in UInt8(random.below(256)) }
            let atEnd = digest(page.place(bytes))
            #expect(digest(page.placeAtStart(bytes)) == atEnd)
            // Somewhere between, on any alignment.
            let shift = random.below(64)
            let shifted = page.place(bytes + [UInt8](repeating: 7, count: shift))
            #expect(digest(UnsafeBufferPointer(rebasing: shifted[..<count])) == atEnd)
        }
    }

    @Test func oneOtherBit_isAnotherDigest() {
        var random = SeededGenerator(seed: 4)
        let page = GuardedPage()
        for count in Array(1...70) + [127, 128, 129, 250, 1023, 1024] {
            var bytes = (0..<count).map { _ in UInt8(random.below(256)) }
            let before = digest(page.place(bytes))
            for place in 0..<count {
                let bit: UInt8 = 1 << UInt8(random.below(8))
                bytes[place] ^= bit
                if digest(page.place(bytes)) == before { Issue.record("\(count) bytes, byte \(place)") }
                bytes[place] ^= bit
            }
            #expect(digest(page.place(bytes)) == before)
        }
    }

    @Test func bytesThatChangedPlaces_areAnotherDigest() {
        let page = GuardedPage()
        for count in [8, 16, 32, 77, 250] {
            var seen: Set<[UInt64]> = []
            for place in 0..<count {
                var bytes = [UInt8](repeating: UInt8(ascii: "7"), count: count)
                bytes[place] = UInt8(ascii: "8")
                let found = digest(page.place(bytes))
                #expect(seen.insert([found.high, found.low]).inserted)
            }
        }
    }

    @Test func hashesOfNamesInARow_fillATableEvenly() {
        let page = GuardedPage()
        for prefix in ["", "KXBTC-26SEP2516-T", String(repeating: "0", count: 70)] {
            var places = [Int](repeating: 0, count: 4096)
            for number in 0..<4096 {
                let found = digest(page.place(Array("\(prefix)\(100_000 + number)".utf8)))
                places[Int(truncatingIfNeeded: found.hash) & 4095] += 1
            }
            // Of as many places as names some 63 % are taken by chance.
            #expect(places.count { $0 > 0 } > 2300)
            #expect(places.max()! < 12)
        }
    }
}
