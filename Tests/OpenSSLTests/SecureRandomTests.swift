import OpenSSL
import Testing

@Suite struct SecureRandomTests {
    @Test(arguments: [0, 1, 16, 1000])
    func bytes_areAsManyAsAsked(_ count: Int) {
        #expect(SecureRandom().bytes(count).count == count)
    }

    @Test func draws_differ() {
        let draws = (0..<100).map { _ in SecureRandom().bytes(16) }
        #expect(Set(draws).count == 100)
        var random = SecureRandom()
        #expect(Set((0..<100).map { _ in random.next() }).count == 100)
    }

    @Test func fill_reachesEveryByte_andNoOther() {
        var seen = [Bool](repeating: false, count: 64)
        for _ in 0..<20 {
            var room = [UInt8](repeating: 0, count: 66)
            room.withUnsafeMutableBufferPointer { SecureRandom().fill(UnsafeMutableBufferPointer(rebasing: $0[1..<65])) }
            #expect(room[0] == 0 && room[65] == 0)
            for place in 0..<64 where room[place + 1] != 0 { seen[place] = true }
        }
        #expect(!seen.contains(false))
    }
}
