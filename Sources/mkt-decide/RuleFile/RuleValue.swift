import JSON

/// A value of a rule on its way into the canonical text.
indirect enum RuleValue: Sendable {
    case text(String)
    case texts([String])
    case integer(Int64)
    case millionths(Int64)
    case table([String: RuleValue])

    /// A JSON object with its keys in rising byte order and no blanks.
    static func object(_ values: [String: RuleValue]) -> String {
        var buffer = ByteBuffer()
        write(values, to: &buffer)
        return String(decoding: buffer.bytes, as: UTF8.self)
    }

    private static func write(_ values: [String: RuleValue], to buffer: inout ByteBuffer) {
        let sorted = values.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        buffer.append("{")
        for (index, (key, value)) in sorted.enumerated() {
            if index > 0 { buffer.append(",") }
            buffer.append(string: key)
            buffer.append(":")
            value.write(to: &buffer)
        }
        buffer.append("}")
    }

    private func write(to buffer: inout ByteBuffer) {
        switch self {
        case .text(let text): buffer.append(string: text)
        case .integer(let value): buffer.append(integer: value)
        case .table(let values): RuleValue.write(values, to: &buffer)
        case .millionths(let value): buffer.append(millionths: value)
        case .texts(let texts):
            for (index, text) in texts.enumerated() {
                buffer.append(index == 0 ? "[" : ",")
                buffer.append(string: text)
            }
            buffer.append("]")
        }
    }
}
