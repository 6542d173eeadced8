import JSON

/// A decimal as the contract prints it, in two parts: what stands before the point, and the point and what follows.
struct DecimalText: Equatable {
    let whole: String
    /// Empty for a whole number.
    let fraction: String

    /// - Parameter millionths: The value.
    init(millionths: Int64) {
        var buffer = ByteBuffer(capacity: 32)
        buffer.append(millionths: millionths)
        let text = String(decoding: buffer.bytes, as: UTF8.self)
        let point = text.firstIndex(of: ".") ?? text.endIndex
        whole = String(text[..<point])
        fraction = String(text[point...])
    }

    var text: String { whole + fraction }
}
