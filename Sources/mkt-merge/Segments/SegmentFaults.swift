import Logging
import UnixTool

/// What keeps lines of a directory's segments from being read: each is told and counted, and fatal under `--strict`.
final class SegmentFaults {
    /// The names of the counters.
    enum Kind: String {
        /// A manifest, or the directory itself, has told of it, and it is not there.
        case missing = "segments_missing"
        /// It is there in a form that is not read.
        case unreadable = "segments_unreadable"
        /// It holds more or less than its manifest tells.
        case differing = "segments_differing"
        /// Of manifests: lines that cannot be read, or the whole of one.
        case manifest = "manifest_faults"
    }

    let logger: Logger
    private let isStrict: Bool
    private(set) var counters = Counters()

    init(isStrict: Bool, _ logger: Logger) {
        self.isStrict = isStrict
        self.logger = logger
    }

    func note(_ kind: Kind, _ message: String) throws(ToolFailure) {
        counters.add(kind.rawValue)
        if isStrict { throw ToolFailure(.badData, "\(message) (--strict)") }
        logger.warning("\(message)")
    }
}
