import Logging

/// Messages of the log, level and text.
final class LogBox: LogHandler, @unchecked Sendable {
    // @unchecked: a test logs on one thread.
    var messages: [String] = []
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { messages.append("\(event.level): \(event.message)") }
}
