/// Counters as a Prometheus text file, for node_exporter's textfile collector.
public struct MetricsFile: Sendable {
    public let path: String
    private let tool: String
    private let feed: String

    public init(path: String, tool: String, feed: String) {
        self.path = path
        self.tool = tool
        self.feed = feed
    }

    /// Writes the file anew, in one step.
    public func write(_ counters: Counters) throws(ToolFailure) {
        try TextFile.replace(path, with: text(counters))
    }

    /// The exposition: one metric a counter, gauges for percentiles and other values that may fall.
    func text(_ counters: Counters) -> String {
        var text = ""
        for (name, count) in counters.sorted {
            let isGauge = name.hasPrefix("latency_us") || name.hasSuffix("_now")
            let metric = "mktpipe_\(MetricsFile.metricName(name))\(isGauge ? "" : "_total")"
            text += "# HELP \(metric) \(isGauge ? "Value" : "Count") of \(name) (docs/unix.md).\n"
            text += "# TYPE \(metric) \(isGauge ? "gauge" : "counter")\n"
            text += "\(metric){tool=\"\(tool)\",feed=\"\(MetricsFile.escaped(feed))\"} \(count)\n"
        }
        return text
    }

    /// Letters, digits and underscores; anything else becomes an underscore.
    private static func metricName(_ name: String) -> String {
        String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    }

    private static func escaped(_ value: String) -> String {
        value.reduce(into: "") { text, character in
            switch character {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.append(character)
            }
        }
    }
}
