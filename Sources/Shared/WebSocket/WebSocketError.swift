/// The rule of RFC 6455 (or the limit of ours) that a server's bytes broke; nothing after it can be read.
public enum WebSocketError: Error, Equatable, Sendable {
    /// A bit that only an extension may set, and none was asked for (§5.2).
    case reservedBits
    /// An opcode without a meaning (§5.2).
    case reservedOpcode(UInt8)
    /// A server must not mask (§5.1).
    case maskedFrame
    /// A control frame with more than 125 bytes (§5.5).
    case controlTooLong
    /// A control frame in fragments (§5.5).
    case fragmentedControl
    /// A length in more bytes than it needs (§5.2).
    case lengthNotMinimal
    /// A 64-bit length with its top bit set (§5.2).
    case lengthTopBit
    /// A continuation of no message (§5.4).
    case unexpectedContinuation
    /// A new message inside a fragmented one (§5.4).
    case unfinishedMessage
    /// A close frame with one byte, which is half of a code (§5.5.1).
    case closeTooShort
    /// A close code that must not be sent (§7.4).
    case closeCode(UInt16)
    /// Text or a close reason that is not UTF-8 (§8.1).
    case invalidUTF8
    case frameTooLong
    case messageTooLong

    /// The code to close the connection with (§7.4.1).
    public var closeCode: UInt16 {
        switch self {
        case .invalidUTF8: 1007
        case .frameTooLong, .messageTooLong: 1009
        default: 1002
        }
    }
}

extension WebSocketError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .reservedBits: "reserved bits are set in a frame"
        case .reservedOpcode(let opcode): "frame with the reserved opcode \(opcode)"
        case .maskedFrame: "the server masked a frame"
        case .controlTooLong: "control frame longer than 125 bytes"
        case .fragmentedControl: "control frame in fragments"
        case .lengthNotMinimal: "frame length in more bytes than it needs"
        case .lengthTopBit: "frame length with its top bit set"
        case .unexpectedContinuation: "continuation without a message"
        case .unfinishedMessage: "new message inside a fragmented one"
        case .closeTooShort: "close frame with half a code"
        case .closeCode(let code): "close frame with the forbidden code \(code)"
        case .invalidUTF8: "text is not UTF-8"
        case .frameTooLong: "frame longer than the limit"
        case .messageTooLong: "message longer than the limit"
        }
    }
}
