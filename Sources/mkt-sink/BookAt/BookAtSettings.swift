import MarketModel
import UnixTool

/// What `--book-at` and the options beside it come to.
enum BookAtSettings {
    static let targetAdvice = "--book-at reads one sqlite:, postgres:// or ndjson: target; give one --to"

    /// nil: no moment is asked for.
    static func question(
        _ options: SinkOptions, _ targets: [TargetAddress], _ settings: inout Settings
    ) throws(ToolFailure) -> BookQuestion? {
        let time = try settings.optional("book-at", flag: options.bookAt, expectation: TimeArgument.expectation, TimeArgument.parse)
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
        guard !options.isInit, !options.isSchema else {
            throw ToolFailure(.usage, "--book-at only reads; leave out \(options.isInit ? "--init" : "--schema")")
        }
        return BookQuestion(time: time, names: names, backMicros: back)
    }
}
