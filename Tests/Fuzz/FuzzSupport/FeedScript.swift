/// What happens to a feed, told in lines that a fuzzer can change and people can read.
///
///     +1            connection 1 is up            -1            and gone
///     >1FRAME       we sent a frame               <1FRAME       a frame came
///     ?PATH BODY    a REST answer with 200        !PATH BODY    one with 503
///     =30000        so many milliseconds pass
///
/// Any other line is a frame on connection 1. Each thing happens a millisecond after the last.
public enum FeedScript {
    public enum Step {
        case opened(Int64)
        case closed(Int64)
        case sent(Int64, UnsafeBufferPointer<UInt8>)
        case received(Int64, UnsafeBufferPointer<UInt8>)
        case answered(path: UnsafeBufferPointer<UInt8>, status: Int64, body: UnsafeBufferPointer<UInt8>)
        case waited(millis: Int64)
    }

    public static func steps(_ script: UnsafeBufferPointer<UInt8>) -> [Step] {
        script.split(separator: UInt8(ascii: "\n")).map { step(UnsafeBufferPointer(rebasing: $0)) }
    }

    private static func step(_ line: UnsafeBufferPointer<UInt8>) -> Step {
        let rest = UnsafeBufferPointer(rebasing: line.dropFirst())
        switch line[0] {
        case UInt8(ascii: "+"): return .opened(connection(rest).conn)
        case UInt8(ascii: "-"): return .closed(connection(rest).conn)
        case UInt8(ascii: ">"): return .sent(connection(rest).conn, connection(rest).frame)
        case UInt8(ascii: "<"): return .received(connection(rest).conn, connection(rest).frame)
        case UInt8(ascii: "="): return .waited(millis: millis(rest))
        case UInt8(ascii: "?"), UInt8(ascii: "!"):
            let end = rest.firstIndex(of: UInt8(ascii: " ")) ?? rest.count
            return .answered(
                path: UnsafeBufferPointer(rebasing: rest[..<end]), status: line[0] == UInt8(ascii: "?") ? 200 : 503,
                body: UnsafeBufferPointer(rebasing: rest[end...].dropFirst()))
        default: return .received(1, line)
        }
    }

    private static func connection(_ rest: UnsafeBufferPointer<UInt8>) -> (conn: Int64, frame: UnsafeBufferPointer<UInt8>) {
        guard let digit = rest.first, (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(digit) else { return (1, rest) }
        return (Int64(digit - UInt8(ascii: "0")), UnsafeBufferPointer(rebasing: rest.dropFirst()))
    }

    /// A few minutes at most: each second of silence runs timers.
    private static func millis(_ digits: UnsafeBufferPointer<UInt8>) -> Int64 {
        min(300_000, digits.prefix(6).reduce(0) { $0 * 10 + Int64(($1 &- UInt8(ascii: "0")) % 10) })
    }
}
