import JSON

/// Texts of a line that made a rule fire, quoted and escaped once: a decision has each of them in several places.
struct TriggerTexts: ~Copyable {
    private var buffer = ByteBuffer(capacity: 256)
    private var venueEnd = 0
    private var instrumentEnd = 0

    init() {}

    mutating func take(_ trigger: Trigger) {
        buffer.removeAll()
        buffer.append(string: trigger.venue)
        venueEnd = buffer.count
        buffer.append(string: trigger.instrument)
        instrumentEnd = buffer.count
        buffer.append(string: trigger.feed)
    }

    /// Valid until the next `take`, as are the others.
    var venue: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: buffer.bytes[..<venueEnd]) }
    var instrument: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: buffer.bytes[venueEnd..<instrumentEnd]) }
    var feed: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: buffer.bytes[instrumentEnd...]) }
}
