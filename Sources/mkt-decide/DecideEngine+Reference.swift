import JSON
import MarketModel
import Reference
import UnixTool

/// Reference data: what rules run by beside the stream.
extension DecideEngine {
    /// Runs by other data from now on and says so in the stream.
    ///
    /// - Parameter lines: How many lines of the input came before.
    mutating func adopt(_ set: ReferenceSet, after lines: Int64, at now: Timestamp, _ writer: inout LineWriter) throws {
        rules = set.rules
        router.adopt(set.rules)
        router.adopt(set.instruments)
        if let links = set.links {
            self.links = links
            router.adopt(links)
        }
        decisionLine.adopt(set)
        let start = writer.buffer.count
        writer.buffer.beginEvent(.reference, EventOrigin(feed: DecideOptions.tool, venue: StageStatus.venue), received: now)
        writer.buffer.append(.lines, integer: lines)
        writer.buffer.appendKey(.content)
        set.content.withUnsafeBufferPointer { writer.buffer.append($0) }
        writer.buffer.append(.rules, string: set.rules.hash)
        writer.buffer.append(.data, string: set.data.version)
        writer.buffer.endEvent()
        try writer.endLine(from: start)
    }

    /// Runs by the data of the line that was read, where no database says others.
    mutating func adoptLine(_ writer: inout LineWriter) throws {
        guard let reading, reading.isOfStream, try decoder.requireText(.feed).string == DecideOptions.tool else { return }
        guard let content = try decoder.container(.content), let lines = try decoder.integer(.lines) else {
            throw ToolFailure(.badData, "a reference line lacks lines or content; give the stream as it was written")
        }
        let data = try DecideEngine.data(content)
        try adopt(try reading.set(data), after: lines, at: decoder.received, &writer)
    }

    static func data(_ content: JSONText) throws(ToolFailure) -> ReferenceData {
        do {
            return try ReferenceData(json: content)
        } catch {
            throw ToolFailure(.badData, "a reference line cannot be read: \(error); give the stream as it was written")
        }
    }
}
