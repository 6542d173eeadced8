import UnixTool

/// What a spool is run by.
struct SpoolSettings: Sendable {
    /// When what was written to the spool is put on the disk.
    enum Sync: Equatable, Sendable {
        /// Before a database sees it.
        case each
        /// So many microseconds after it was written at the latest.
        case after(micros: Int64)
        /// When the system likes.
        case never

        static let standard = Sync.after(micros: 100_000)
        static let expectation = "each, never or a span such as 100ms"

        init?(_ text: String) {
            switch text {
            case "each": self = .each
            case "never": self = .never
            default:
                guard let micros = Durations.micros(text), micros > 0 else { return nil }
                self = .after(micros: micros)
            }
        }
    }

    static let bytesLeast: Int64 = 1_000_000

    let directory: String
    let sync: Sync
    /// What the log may take, in bytes.
    let bytesMax: Int64
    /// Lines of a database's batch, and how long one may wait for the batch to end.
    let batchLines: Int64
    let batchDelayMicros: Int64
    /// A database that keeps up gets so long for its last batch, however late it is.
    var graceMicros: Int64 = 2_000_000
    /// How long a database that fails is left alone the first time; doubled with each failure that follows.
    var pauseMicros: Int64 = 100_000

    /// When a file of the log is long enough; small against the whole, since only whole files are removed.
    var fileBytes: Int64 { min(8 << 20, bytesMax / 8) }
}
