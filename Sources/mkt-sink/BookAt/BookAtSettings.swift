import MarketModel
import UnixTool

/// What `--book-at` and the options beside it come to.
enum BookAtSettings {
    static let targetAdvice = "--book-at reads one sqlite:, postgres:// or ndjson: target; give one --to"

    /// nil: no moment is asked for.
    static func question(
        _ options: SinkOptions, _ targets: [TargetAddress], _ settings: inout Settings
    ) throws(ToolFailure) -> BookQuestion? {
        // A flag alone: from the environment it would turn every sink into a question.
        let time = try options.bookAt.map { text throws(ToolFailure) in
            guard let time = TimeArgument.parse(text) else {
                throw ToolFailure(.usage, "--book-at is '\(text)'; give \(TimeArgument.expectation)")
            }
            return time
        }
        let flag = options.market.isEmpty ? nil : options.market.joined(separator: ",")
        let names = try settings.optional("market", flag: flag, expectation: "ids of markets or instruments") { text in
            let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            return names.contains("") ? nil : names
        }
        let back = try settings.optionalSpan("book-back", flag: options.bookBack)
        guard let time else {
            let lone = flag != nil ? "--market" : options.bookBack != nil ? "--book-back" : nil
            if let lone { throw ToolFailure(.usage, "\(lone) is for --book-at; give both, or leave it out") }
            return nil
        }
        guard let names else { throw ToolFailure(.usage, "--book-at needs --market: the id of a market or an instrument") }
        guard targets.count == 1, ![.standardOutput, .table].contains(targets[0]) else { throw ToolFailure(.usage, targetAdvice) }
        let idle: [(String, String?)] = [
            ("--spool", options.spool), ("--batch", options.batch), ("--batch-delay", options.batchDelay), ("--rotate", options.rotate),
            ("--compress", options.compress),
        ]
        if let name = idle.first(where: { $0.1 != nil })?.0 {
            throw ToolFailure(.usage, "--book-at only reads, and \(name) is for what is written; leave one of them out")
        }
        guard !options.isInit, !options.isSchema else {
            throw ToolFailure(.usage, "--book-at only reads; leave out \(options.isInit ? "--init" : "--schema")")
        }
        return BookQuestion(time: time, names: names, backMicros: back)
    }
}
