public import JSON
import UnixTool

/// The content as one JSON object: what a line of a stream carries, and what the version is made of.
///
/// Numbers that some reader of JSON might take for binary floating point (`jq` does) are spelled as strings.
extension ReferenceData {
    /// Why a text is no reference data.
    public enum JSONFault: Error, Equatable, Sendable, CustomStringConvertible {
        case notJSON(JSONError)
        /// A key is missing, or its value is of no use.
        case badKey(String)
        /// The content is not that of which the version speaks.
        case otherVersion

        public var description: String {
            switch self {
            case .notJSON(let error): "\(error)"
            case .badKey(let key): "'\(key)' is missing or of no use"
            case .otherVersion: "the content is not the one of its version; it was changed on the way"
            }
        }
    }

    /// `"version":"…",` with its 64 digits.
    static let versionByteCount = 77

    /// Writes the object in its one spelling.
    public func write(to buffer: inout ByteBuffer) {
        buffer.append("{\"version\":")
        buffer.append(string: version)
        buffer.append(",")
        var content = ByteBuffer(capacity: byteCount)
        ReferenceData.append(links: links, parameters: parameters, values: values, history: history, to: &content)
        buffer.append(UnsafeBufferPointer(rebasing: content.bytes.dropFirst()))
    }

    static func append(
        links: [[String]], parameters: [Parameter], values: [Value], history: [HistoryStatistics], to buffer: inout ByteBuffer
    ) {
        buffer.append("{\"links\":[")
        append(rows: links, to: &buffer)
        buffer.append("],\"parameters\":[")
        append(rows: parameters.map { [$0.rule, $0.key, $0.value] }, to: &buffer)
        buffer.append("],\"values\":[")
        append(rows: values.map { [$0.venue, $0.instrument, $0.name, decimalText($0.millionths)] }, to: &buffer)
        buffer.append("],\"history\":[")
        for (index, entry) in history.enumerated() {
            if index > 0 { buffer.append(",") }
            append(entry, to: &buffer)
        }
        buffer.append("]}")
    }

    private static func append(rows: [[String]], to buffer: inout ByteBuffer) {
        for (index, row) in rows.enumerated() {
            buffer.append(index > 0 ? ",[" : "[")
            for (column, text) in row.enumerated() {
                if column > 0 { buffer.append(",") }
                buffer.append(string: text)
            }
            buffer.append("]")
        }
    }

    private static func append(_ entry: HistoryStatistics, to buffer: inout ByteBuffer) {
        buffer.append("{\"venue\":")
        buffer.append(string: entry.venue)
        buffer.append(",\"instrument\":")
        buffer.append(string: entry.instrument)
        for (key, value) in [
            ("window_us", "\(entry.windowMicros)"), ("count", "\(entry.count)"), ("sum", "\(entry.sum)"),
            ("square_sum", "\(entry.squareSum)"), ("oldest_us", "\(entry.oldestMicros)"), ("newest_us", "\(entry.newestMicros)"),
        ] {
            buffer.append(",")
            buffer.append(string: key)
            buffer.append(":")
            buffer.append(string: value)
        }
        buffer.append("}")
    }

    /// Millionths as a decimal of one spelling.
    static func decimalText(_ millionths: Int64) -> String {
        var buffer = ByteBuffer(capacity: 64)
        buffer.append(millionths: millionths)
        return buffer.text.string
    }
}
