import JSON
import MarketModel
import Reference
import UnixTool

/// The `reference` lines of decisions that were written once.
enum ToldReferences {
    static func read(_ path: String) throws(ToolFailure) -> [(lines: Int64, data: ReferenceData)] {
        var reader = try LineReader.open(path)
        guard Descriptor.isRegularFile(reader.descriptor) else {
            throw ToolFailure(.usage, "--verify \(path) is read twice, for the reference data and for the decisions; give a regular file")
        }
        var decoder = EventDecoder()
        var told: [(lines: Int64, data: ReferenceData)] = []
        while let line = try DecisionProof.next(&reader) {
            do throws(EventError) {
                try decoder.decodeEvent(line)
                guard decoder.kind == .reference, try decoder.requireText(.feed).string == DecideOptions.tool else { continue }
                guard let content = try decoder.container(.content) else { throw .missing(.content) }
                guard let lines = try decoder.integer(.lines) else { throw .missing(.lines) }
                do {
                    told.append((lines, try ReferenceData(json: content)))
                } catch {
                    throw EventError.wrongValue(.content)
                }
            } catch {
                throw ToolFailure(.badData, "\(path): \(error); --verify wants lines as they were written")
            }
        }
        return told
    }
}
