public import Logging

/// What every tool runs by, resolved: nothing in it means "default".
public struct CommonSettings: Sendable {
    public let logLevel: Logger.Level
    public let logFormat: StderrLog.Format
    /// nil: until the end of input.
    public let durationMicros: Int64?
    /// nil: no limit.
    public private(set) var linesMax: Int64?
    /// nil: no heartbeats.
    public private(set) var heartbeatMicros: Int64?
    public let drainMicros: Int64
    public let metricsPath: String?
    public let rejectsPath: String?
    public let isLineBuffered: Bool
    public let isStrict: Bool

    public init(_ options: CommonOptions, _ settings: inout Settings) throws(ToolFailure) {
        let levels = ["trace", "debug", "info", "warning", "error"]
        let level = try settings.word("log-level", flag: options.logLevel, of: levels, default: "info")
        logLevel = Logger.Level(rawValue: level) ?? .info
        let format = try settings.word("log-format", flag: options.logFormat, of: ["text", "json"], default: "text")
        logFormat = StderrLog.Format(rawValue: format) ?? .text
        durationMicros = try settings.optionalSpan("duration", flag: options.duration)
        linesMax = try settings.optionalCount("limit", flag: options.limit)
        let heartbeat = try settings.span("heartbeat", flag: options.heartbeat, default: 10_000_000)
        heartbeatMicros = heartbeat == 0 ? nil : heartbeat
        drainMicros = try settings.span("drain", flag: options.drain, default: 10_000_000)
        metricsPath = try settings.optionalText("metrics", flag: options.metrics)
        rejectsPath = try settings.optionalText("rejects", flag: options.rejects)
        isLineBuffered = try settings.bool("line-buffered", flag: options.lineBuffered)
        isStrict = try settings.bool("strict", flag: options.strict)
    }

    /// The same for a run whose lines are results and nothing else: no heartbeats, no limit.
    public var resultsOnly: CommonSettings {
        var settings = self
        settings.heartbeatMicros = nil
        settings.linesMax = nil
        return settings
    }
}
