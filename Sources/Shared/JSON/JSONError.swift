/// Why bytes are not the JSON that was asked for, and where.
public struct JSONError: Error, Equatable, Sendable {
    /// The rule of RFC 8259 (or the limit of ours) that was broken.
    public enum Reason: UInt8, Sendable {
        case unexpectedEnd
        case unexpectedByte
        case invalidNumber
        case invalidEscape
        case loneSurrogate
        case controlCharacter
        case invalidUTF8
        case tooDeep
        case trailingBytes
        /// The value is legal JSON, of another kind than the reader asked for.
        case wrongKind
    }

    public let reason: Reason
    /// Bytes before the fault, counted from the start of the scanned text.
    public let offset: Int

    public init(_ reason: Reason, offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}

extension JSONError: CustomStringConvertible {
    public var description: String {
        let what =
            switch reason {
            case .unexpectedEnd: "the text ends inside a value"
            case .unexpectedByte: "unexpected character"
            case .invalidNumber: "not a JSON number"
            case .invalidEscape: "unknown escape in a string"
            case .loneSurrogate: "half of a surrogate pair in a string"
            case .controlCharacter: "control character in a string"
            case .invalidUTF8: "invalid UTF-8"
            case .tooDeep: "nested too deeply"
            case .trailingBytes: "more text after the value"
            case .wrongKind: "value of another kind than expected"
            }
        return "\(what) at byte \(offset)"
    }
}
