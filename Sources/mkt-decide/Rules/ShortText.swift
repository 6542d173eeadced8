/// A few bytes of text in place, which may be copied without counting references.
struct ShortText: Sendable {
    private static let room = 24

    private var inPlace = InlineArray<24, UInt8>(repeating: 0)
    private let count: Int

    /// - Parameter text: Of 24 bytes at most: more than any span of time has.
    init(_ text: String) {
        precondition(text.utf8.count <= ShortText.room, "the text is too long")
        count = text.utf8.count
        for (index, byte) in text.utf8.enumerated() { inPlace[index] = byte }
    }

    func withBytes(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        inPlace.span.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[..<count])) }
    }

    var text: String {
        var bytes: [UInt8] = []
        withBytes { bytes.append(contentsOf: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
