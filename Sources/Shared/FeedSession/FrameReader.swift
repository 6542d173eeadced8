public import JSON
public import MarketModel

/// Reads a venue's frames by nothing but their own bytes: before it is known what became of the frames before them, and on another
/// thread than the one that takes them in.
///
/// It judges nothing. What it finds in a frame is what the venue would find in its place; where it finds nothing, the venue reads the
/// frame itself.
public protocol FrameReader<Frames>: AnyObject, Sendable {
    associatedtype Frames: ReadFrames

    /// Reads the next frame and keeps what it says as the next of `frames`. Its bytes may move afterwards: places are kept, no addresses.
    func read(_ frame: JSONText, onto frames: Frames)
    /// Leaves the next frame to the venue.
    func leave(onto frames: Frames)
}

/// What some frames say, in their order, in memory that is used again.
public protocol ReadFrames: AnyObject {
    init()
    /// Forgets all frames, and gives back the memory that only huge ones needed.
    func removeAll()
}

/// For a venue whose frames are read in their turn only.
public final class UnreadFrames: FrameReader, ReadFrames {
    public init() {}
    public func read(_ frame: JSONText, onto frames: UnreadFrames) {}
    public func leave(onto frames: UnreadFrames) {}
    public func removeAll() {}
}

extension Venue where Reader == UnreadFrames {
    public func makeReader() -> UnreadFrames { UnreadFrames() }

    public func received(conn: Int64, frame: JSONText, read: UnreadFrames, _ index: Int, at time: Timestamp) throws -> Bool {
        try received(conn: conn, frame: frame, at: time)
    }
}
