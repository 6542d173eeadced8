/// Why a piece of an input is no line to merge.
enum InputFault {
    /// Not an object, or without a whole `recv_us` (or without a `type`, where one is asked for).
    case malformed(UnsafeBufferPointer<UInt8>)
    /// The last line, cut short.
    case torn(UnsafeBufferPointer<UInt8>)
    /// More than 4 MiB; its bytes are not kept.
    case tooLong(bytes: Int)

    /// The end of the counter's name.
    var counter: String {
        switch self {
        case .malformed: "malformed"
        case .torn: "torn"
        case .tooLong: "too_long"
        }
    }

    var bytes: UnsafeBufferPointer<UInt8> {
        switch self {
        case .malformed(let bytes), .torn(let bytes): bytes
        case .tooLong: UnsafeBufferPointer(start: nil, count: 0)
        }
    }

    var reason: String {
        switch self {
        case .malformed: "not an object that merging can place: it needs a whole recv_us (with --only, a type too)"
        case .torn: "the last line is cut short"
        case .tooLong(let bytes): "a line of \(bytes) bytes is longer than 4 MiB"
        }
    }
}
