public import UnixTool

/// What a live session runs by, resolved.
public struct LiveSettings: Sendable {
    public let recordPath: String?
    public let caPath: String?
    /// nil: sockets are not renewed.
    public let rotateMicros: Int64?
    /// How many sockets carry each instrument.
    public let redundancy: Int
    public let isChecking: Bool

    public init(_ options: LiveOptions, _ feed: FeedSettings, _ settings: inout Settings) throws(ToolFailure) {
        recordPath = try settings.optionalText("record", flag: options.record)
        caPath = try settings.optionalText("ca-file", flag: options.caFile)
        let rotate = try settings.span("rotate-every", flag: options.rotateEvery, default: 0)
        guard rotate == 0 || rotate >= 10_000_000 else {
            throw ToolFailure(.usage, "--rotate-every \(Durations.text(rotate)) renews sockets faster than they come up; give 10s or more")
        }
        rotateMicros = rotate == 0 ? nil : rotate
        redundancy = Int(
            try settings.value(
                "redundant", flag: options.redundant, default: 1, defaultText: "1", expectation: "1 or 2"
            ) { Int64($0).flatMap { (1...2).contains($0) ? $0 : nil } })
        isChecking = try settings.bool("check", flag: options.check)
        guard feed.replayPath == nil || (recordPath == nil && !isChecking) else {
            throw ToolFailure(.usage, "--replay reads a recording; --record and --check belong to live sessions")
        }
    }
}
