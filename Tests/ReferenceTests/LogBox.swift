import Logging
import Synchronization

/// Messages of the log, level and text, from whatever thread.
final class LogBox: Sendable {
    private let lines = Mutex<[String]>([])

    var messages: [String] { lines.withLock { $0 } }

    var logger: Logger { Logger(label: "test") { [self] _ in Handler(box: self) } }

    private struct Handler: LogHandler {
        let box: LogBox
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { box.lines.withLock { $0.append("\(event.level): \(event.message)") } }
    }
}
