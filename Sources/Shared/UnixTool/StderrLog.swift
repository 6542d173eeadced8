import Glibc
import JSON
public import Logging

/// Log lines on standard error, for people (`pm-feed: warning: …`) or machines (JSON). Nothing else of ours writes there.
public struct StderrLog: LogHandler {
    public enum Format: String, Sendable, CaseIterable {
        case text, json
    }

    public var metadata: Logger.Metadata = [:]
    public var logLevel: Logger.Level
    private let tool: String
    private let format: Format

    public init(tool: String, level: Logger.Level, format: Format) {
        self.tool = tool
        self.format = format
        logLevel = level
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { _, own in own }
        let pairs = all.map { (key: $0.key, value: $0.value.description) }.sorted { $0.key < $1.key }
        switch format {
        case .text:
            let details = pairs.map { " \($0.key)=\($0.value)" }.joined()
            StderrLog.write(line: "\(tool): \(event.level): \(event.message)\(details)")
        case .json:
            var buffer = ByteBuffer()
            buffer.append("{\"time_us\":")
            buffer.append(integer: Clock.now().micros)
            for (key, value) in [("tool", tool), ("level", "\(event.level)"), ("message", "\(event.message)")] + pairs {
                buffer.append(",")
                buffer.append(string: key)
                buffer.append(":")
                buffer.append(string: value)
            }
            buffer.append("}")
            StderrLog.write(line: String(decoding: buffer.bytes, as: UTF8.self), isClean: true)
        }
    }

    /// One line in one write, control characters of foreign text made harmless. What cannot be written is lost: there is nowhere to say so.
    public static func write(line: String, isClean: Bool = false) {
        var buffer = ByteBuffer()
        if isClean {
            buffer.append(utf8: line)
        } else {
            // The controls above DEL too: a terminal takes U+009B for an escape sequence.
            for scalar in line.unicodeScalars {
                let isControl = scalar.properties.generalCategory == .control && scalar != "\t"
                buffer.append(utf8: isControl ? "?" : String(scalar))
            }
        }
        if HeldLog.take(buffer.bytes) { return }
        buffer.append(UInt8(ascii: "\n"))
        _ = Glibc.write(2, buffer.bytes.baseAddress, buffer.count)
    }
}
