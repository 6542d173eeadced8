/// When a frame is due: at most ten a second if something is new, else one a second for the ages.
struct FramePacer {
    static let newsMicros: Int64 = 100_000
    static let agesMicros: Int64 = 1_000_000

    /// Something is new since the last frame.
    var isNews = false
    /// nil before the first frame.
    private(set) var drawnMicros: Int64?

    /// The monotonic time of the next frame; in the past if it is due.
    var dueMicros: Int64 {
        drawnMicros.map { $0 + (isNews ? FramePacer.newsMicros : FramePacer.agesMicros) } ?? 0
    }

    /// A frame is drawn.
    mutating func note(at micros: Int64) {
        drawnMicros = micros
        isNews = false
    }
}
