import JSON

/// The part of the envelope that names who speaks of what, spelled once and copied into every line.
///
/// It holds `"feed":…,"venue":…` and, for market data, `,"market":…,"instrument":…,"label":…`.
public struct EventOrigin: Sendable {
    public private(set) var bytes: [UInt8]
    /// Of `bytes`, here once more: who asks for them early need not look there.
    private let byteCount: Int

    /// An origin of lines about a feed or a stage.
    public init(feed: String, venue: String) {
        var buffer = ByteBuffer()
        EventOrigin.append(feed: feed, venue: venue, to: &buffer)
        bytes = Array(buffer.bytes)
        byteCount = bytes.count
    }

    /// An origin of lines about one instrument.
    public init(feed: String, venue: String, market: String, instrument: String, label: String?) {
        var buffer = ByteBuffer()
        EventOrigin.append(feed: feed, venue: venue, to: &buffer)
        buffer.append(",\"market\":")
        buffer.append(string: market)
        buffer.append(",\"instrument\":")
        buffer.append(string: instrument)
        if let label {
            buffer.append(",\"label\":")
            buffer.append(string: label)
        }
        bytes = Array(buffer.bytes)
        byteCount = bytes.count
    }

    /// Asks for the memory of its bytes.
    @inline(__always)
    public mutating func askForBytes() { NearMemory.ask(for: &bytes, last: byteCount, of: byteCount) }

    private static func append(feed: String, venue: String, to buffer: inout ByteBuffer) {
        buffer.append("\"feed\":")
        buffer.append(string: feed)
        buffer.append(",\"venue\":")
        buffer.append(string: venue)
    }
}
