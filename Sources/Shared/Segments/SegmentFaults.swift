public import Logging
public import UnixTool

/// What keeps lines of a directory's segments from being read: each is told, counted and kept, and fatal under `--strict`.
public final class SegmentFaults {
    let logger: Logger
    private let isStrict: Bool
    /// How many of each kind, by the kind's name.
    public private(set) var counters = Counters()
    /// All that were told, in the order in which they were met.
    public private(set) var noted: [SegmentFault] = []

    /// - Parameter isStrict: Whether the first fault ends the run.
    public init(isStrict: Bool, _ logger: Logger) {
        self.isStrict = isStrict
        self.logger = logger
    }

    /// Tells a fault as a warning.
    ///
    /// - Throws: The fault itself under `--strict`, as bad data.
    public func note(_ fault: SegmentFault) throws(ToolFailure) {
        counters.add(fault.kind.rawValue)
        if isStrict { throw ToolFailure(.badData, "\(fault.message) (--strict)") }
        logger.warning("\(fault.message)")
        noted.append(fault)
    }
}
