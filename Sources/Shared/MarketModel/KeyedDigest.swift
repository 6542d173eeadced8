/// What bytes come to under a key that nobody knows: equal bytes give equal digests, and bytes need not be kept near to be compared.
///
/// Of two different byte strings of one length, chosen without knowledge of the key, the digests are equal with a probability of 2⁻⁶⁴ at
/// most, whatever the strings are: NH of UMAC with words of 64 bits (Black, Halevi, Krawczyk, Krovetz and Rogaway, CRYPTO '99;
/// RFC 4418 has it with words of 32 bits). No output depends on the key.
struct KeyedDigest: Equatable, BitwiseCopyable {
    /// Longer strings have none.
    static let bytesMax = 1024

    private(set) var high: UInt64 = 0
    private(set) var low: UInt64 = 0

    /// Of no bytes.
    init() {}

    /// One that was taken apart.
    init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }

    @inline(__always)
    static func == (one: KeyedDigest, other: KeyedDigest) -> Bool { (one.high ^ other.high) | (one.low ^ other.low) == 0 }

    /// For a table. As little can be told about it without the key.
    @inline(__always)
    var hash: UInt64 {
        let word = high ^ low
        return word ^ word >> 32
    }

    /// Sixteen bytes more.
    @inline(__always)
    fileprivate mutating func take(_ first: UInt64, _ second: UInt64, _ words: UnsafePointer<UInt64>) {
        let product = (first &+ words[0]).multipliedFullWidth(by: second &+ words[1])
        let (sum, isOver) = low.addingReportingOverflow(product.low)
        low = sum
        high = high &+ product.high &+ (isOver ? 1 : 0)
    }

    /// Random words, one for eight bytes; the last bytes have two of their own.
    struct Key: @unchecked Sendable {
        // @unchecked: nobody writes to the words once they are there, and they stay to the end.

        /// Of this process.
        static let shared = Key()

        private let words: UnsafePointer<UInt64>

        private init() {
            var random = SystemRandomNumberGenerator()
            let words = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: KeyedDigest.bytesMax / 8 + 2)
            for index in words.indices { words.initializeElement(at: index, to: random.next()) }
            guard let base = words.baseAddress else { fatalError("a key has no memory") }
            self.words = UnsafePointer(base)
        }

        /// - Parameter count: At most `bytesMax`.
        @inline(__always)
        func digest(_ source: UnsafeRawPointer, count: Int) -> KeyedDigest {
            precondition(count >= 0 && count <= KeyedDigest.bytesMax)
            var digest = KeyedDigest()
            guard count >= 16 else {
                digest.take(Key.padded(source, count: min(count, 8)), Key.padded(source + min(count, 8), count: max(count - 8, 0)), words)
                return digest
            }
            var offset = 0
            while offset &+ 16 <= count {
                digest.take(Key.word(source, offset), Key.word(source, offset &+ 8), words + offset / 8)
                offset &+= 16
            }
            // The rest together with what stands before it, which says nothing new and does no harm.
            if offset < count { digest.take(Key.word(source, count &- 16), Key.word(source, count &- 8), words + offset / 8) }
            return digest
        }

        @inline(__always)
        private static func word(_ source: UnsafeRawPointer, _ offset: Int) -> UInt64 {
            source.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        }

        /// Up to eight bytes as a word, zeros behind them: strings of one length give one word only if they are equal.
        @inline(__always)
        private static func padded(_ source: UnsafeRawPointer, count: Int) -> UInt64 {
            if count == 8 { return word(source, 0) }
            var word: UInt64 = 0
            for index in 0..<count { word |= UInt64(source.load(fromByteOffset: index, as: UInt8.self)) << UInt64(8 * index) }
            return word
        }
    }
}
