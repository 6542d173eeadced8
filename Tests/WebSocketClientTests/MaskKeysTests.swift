import Testing

@testable import WebSocketClient

@Suite struct MaskKeysTests {
    /// Among 5000 of 2³² numbers drawn blindly more than 10 doubles are beyond belief.
    @Test func keys_areNewEachTime() {
        var keys = MaskKeys()
        var drawn: Set<UInt32> = []
        var bits: UInt32 = 0
        for _ in 0..<5000 {
            let key = keys.next()
            drawn.insert(key)
            bits |= key
        }
        #expect(drawn.count > 4990)
        #expect(bits == .max)
    }
}
