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
            let plainName = MetricsFile.plain(name)
            let metric = "mktpipe_\(plainName)\(isGauge ? "" : "_total")"
            text += "# HELP \(metric) \(isGauge ? "Value" : "Count") of \(plainName) (docs/unix.md).\n"
            text += "# TYPE \(metric) \(isGauge ? "gauge" : "counter")\n"
            text += "\(metric){tool=\"\(tool)\",feed=\"\(MetricsFile.escaped(feed))\"} \(count)\n"
        }
        return text
    }

    /// Letters, digits and underscores; any other byte becomes an underscore.
    private static func plain(_ name: String) -> String {
        String(decoding: name.utf8.map { isWord($0) ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }

    private static func escaped(_ value: String) -> String {
        value.unicodeScalars.reduce(into: "") { text, scalar in
            switch scalar {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }
}
