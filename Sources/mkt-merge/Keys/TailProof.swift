/// Proves, eight bytes at a time, that the part of a line behind `recv_us` cannot change the keys found before it.
///
/// Without a backslash a key can be spelled in one way only, so a line whose tail has no `v_` has no second `recv_us`. The pairs are chosen
/// to be rare in what lines carry (`venue_us` and `since_us` have `e_`); when one does occur, or a bracket stands in some text, the line is
/// merely read the slow way.
///
/// Words of eight bytes and not SIMD types: the compiler makes vectors of this loop, and function calls of theirs.
struct TailProof {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080
    /// Words after which a count in a byte could overflow.
    private static let blockWords = 255

    /// The high bit of a byte is set where something stood that ends the proof; which byte does not matter.
    private var faults: UInt64 = 0
    /// The high bits of all bytes together: set if the number of quotes is odd.
    private var quotes: UInt64 = 0
    /// Brackets, counted byte by byte.
    private var closing: UInt64 = 0
    private var opening: UInt64 = 0

    /// Whether all of this is so from `start` to `end`: no escape, no control character, a whole number of strings, one closing bracket
    /// more than opening ones, no `v_`; with `names` also none of `yp`, `rk`, `ru`, of `type`, `market`, `instrument`.
    ///
    /// At least nine bytes of the same line must stand before `end`, one of them before `start`.
    @inline(__always)
    static func holds(from start: UnsafePointer<UInt8>, to end: UnsafePointer<UInt8>, names: Bool) -> Bool {
        names ? holds(from: start, to: end) { $0.addNames($1, after: $2) } : holds(from: start, to: end) { _, _, _ in }
    }

    @inline(__always)
    private static func holds(
        from start: UnsafePointer<UInt8>, to end: UnsafePointer<UInt8>, _ more: (inout TailProof, UInt64, UInt64) -> Void
    ) -> Bool {
        var proof = TailProof()
        var balance: UInt64 = 0
        var at = start
        repeat {
            let words = min((end - at) / 8, blockWords)
            for _ in 0..<words {
                let (bytes, previous) = (load(at), load(at - 1))
                proof.add(bytes, after: previous)
                more(&proof, bytes, previous)
                at += 8
            }
            balance &+= proof.takeBalance()
        } while end - at >= 8
        let rest = UInt64(end - at)
        if rest > 0 {
            // The last eight bytes again, those already seen blanked out.
            let unseen = UInt64.max << (64 - 8 * rest)
            let (bytes, previous) = (load(end - 8) & unseen | (ones &* 0x20) & ~unseen, load(end - 9))
            proof.add(bytes, after: previous)
            more(&proof, bytes, previous)
            balance &+= proof.takeBalance()
        }
        return proof.faults & highs == 0 && proof.quotes.nonzeroBitCount & 1 == 0 && balance == 1
    }

    @inline(__always)
    private static func load(_ at: UnsafePointer<UInt8>) -> UInt64 {
        UnsafeRawPointer(at).loadUnaligned(as: UInt64.self).littleEndian
    }

    @inline(__always)
    private mutating func add(_ bytes: UInt64, after previous: UInt64) {
        faults |= TailProof.zeros(bytes ^ TailProof.every("\\")) | ((bytes &- TailProof.every(" ")) & ~bytes)
        faults |= TailProof.pair("v", "_", previous, bytes)
        quotes ^= TailProof.exactZeros(bytes ^ TailProof.every("\""))
        // Bit 5 is all that tells [ from { and ] from }.
        let folded = bytes | TailProof.every(" ")
        closing &+= TailProof.exactZeros(folded ^ TailProof.every("}")) >> 7
        opening &+= TailProof.exactZeros(folded ^ TailProof.every("{")) >> 7
    }

    @inline(__always)
    private mutating func addNames(_ bytes: UInt64, after previous: UInt64) {
        faults |= TailProof.pair("y", "p", previous, bytes)
        faults |= TailProof.pair("r", "k", previous, bytes) | TailProof.pair("r", "u", previous, bytes)
    }

    /// Closing minus opening brackets of a block.
    @inline(__always)
    private mutating func takeBalance() -> UInt64 {
        defer { (closing, opening) = (0, 0) }
        return TailProof.sum(closing) &- TailProof.sum(opening)
    }

    private static func sum(_ counts: UInt64) -> UInt64 {
        let pairs = (counts & 0x00FF_00FF_00FF_00FF) &+ (counts >> 8 & 0x00FF_00FF_00FF_00FF)
        return (pairs &* 0x0001_0001_0001_0001) >> 48
    }

    @inline(__always)
    private static func every(_ character: Unicode.Scalar) -> UInt64 { ones &* UInt64(character.value) }

    /// High bits: some set if some byte is zero, none otherwise.
    @inline(__always)
    private static func zeros(_ word: UInt64) -> UInt64 { (word &- ones) & ~word }

    /// The high bit of every byte that is zero, and nothing else.
    @inline(__always)
    private static func exactZeros(_ word: UInt64) -> UInt64 {
        ~(((word & ~highs) &+ ~highs) | word | ~highs)
    }

    /// High bits: some set if `second` stands somewhere right behind `first`.
    @inline(__always)
    private static func pair(_ first: Unicode.Scalar, _ second: Unicode.Scalar, _ previous: UInt64, _ bytes: UInt64) -> UInt64 {
        zeros((previous ^ every(first)) | (bytes ^ every(second)))
    }
}
