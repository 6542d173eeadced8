import JSON

/// What merging knows of a line: when it was received and, where an option asks, what it is about.
///
/// The texts point into the line. A key that the line lacks, or whose value is of another kind, is nil.
struct LineKeys {
    /// `recv_us`.
    var received: Int64
    var type: JSONText?
    var market: JSONText?
    var instrument: JSONText?

    /// The keys of a line, or nil if it is no object or has no whole `recv_us`.
    ///
    /// Keys may stand in any order and be spelled in any way that JSON allows; of a key said twice the last counts; what stands inside
    /// values is never taken for a key. Values are stepped over by their brackets and quotes alone: any legal line is read rightly, but
    /// a line that passes is not thereby legal. Nothing outside the line is read.
    ///
    /// - Parameter names: Also find `type`, `market` and `instrument`.
    static func find(in line: UnsafeBufferPointer<UInt8>, names: Bool) -> LineKeys? {
        CanonicalLine.keys(of: line, names: names) ?? LineKeyScanner.keys(of: line, names: names)
    }
}
