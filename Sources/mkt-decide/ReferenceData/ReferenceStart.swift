import Logging
import Reference
import UnixTool

/// The reference data that a run begins with, and what keeps them new.
struct ReferenceStart {
    let reading: ReferenceReading?
    /// By how many lines of the input they come after.
    let waiting: [(lines: Int64, set: ReferenceSet)]
    /// nil without a database.
    let feed: ReferenceFeed<ReferenceSet>?

    /// Loads what the rules want, or takes what was told of it.
    init(_ configuration: DecideConfiguration, _ logger: Logger) throws(ToolFailure) {
        reading = configuration.reference.reading(configuration.source)
        guard let reading else {
            (waiting, feed) = ([], nil)
            return
        }
        switch configuration.reference {
        case .database(let needs):
            let feed = try ReferenceFeed(
                needs.source, queries: needs.queries, windows: needs.windows, settings: needs.settings, logger: logger
            ) { data throws(ToolFailure) in
                let set = try reading.set(data)
                if let warning = set.strangersWarning { logger.warning("\(warning)") }
                return set
            }
            self.feed = feed
            waiting = [(0, try feed.loadFirst())]
        case .told(let told, _):
            feed = nil
            var sets: [(lines: Int64, set: ReferenceSet)] = []
            for (lines, data) in told { sets.append((lines, try reading.set(data))) }
            waiting = sets
        case .stream, .none: (waiting, feed) = ([], nil)
        }
    }
}

extension ReferenceReading {
    func set(_ data: ReferenceData) throws(ToolFailure) -> ReferenceSet {
        try ReferenceSet(data, source, usesLinks: usesLinks, windows: windows)
    }
}
