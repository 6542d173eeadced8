import JSON
import MarketModel
import UnixTool

/// What mkt-merge runs by, resolved: nothing in it means "default".
struct MergeConfiguration {
    let common: CommonSettings
    /// Paths and `-`; none for standard input.
    let inputs: [String]
    let windowMicros: Int64
    let isFollowing: Bool
    /// nil: unpaced.
    let speedMillionths: Int64?
    let filter: LineFilter
    /// What of it is left out before anything else: with `--dedupe` only what is outside the times, since all other lines are needed to
    /// know the books.
    let inputFilter: LineFilter
    /// nil: lines of several feeds stay side by side.
    let dedupe: DedupeSettings?

    init(_ options: MergeOptions, _ common: CommonSettings, _ settings: inout Settings) throws(ToolFailure) {
        self.common = common
        inputs = options.inputs
        windowMicros = try settings.span("window", flag: options.window, default: 20_000)
        isFollowing = try settings.bool("follow", flag: options.follow)
        speedMillionths = try settings.optional(
            "speed", flag: options.speed, expectation: "a factor above 0, such as 0.5, 1 or 10", MergeConfiguration.speed)
        let from = try settings.optional(
            "from", flag: options.from, expectation: TimeArgument.expectation, TimeArgument.parse)
        let to = try settings.optional("to", flag: options.to, expectation: TimeArgument.expectation, TimeArgument.parse)
        if let from, let to, from >= to {
            throw ToolFailure(.usage, "--from is not before --to, so nothing would pass; --to is the first moment left out")
        }
        let types = try MergeConfiguration.names("only", options.only, "types such as trade,book_delta", &settings)
        let markets = try MergeConfiguration.names("market", options.market, "ids of markets or instruments", &settings)
        let times = LineFilter(from: from?.micros ?? Int64.min, to: to?.micros)
        filter = LineFilter(from: times.from, to: times.to, types: types, markets: markets)
        dedupe = try MergeConfiguration.dedupe(options, &settings)
        inputFilter = dedupe == nil ? filter : times
    }

    private static func speed(_ text: String) -> Int64? {
        var text = text
        let millionths = text.withUTF8 { bytes in
            bytes.baseAddress.flatMap { try? Decimal6.parse(JSONText(base: $0, count: bytes.count)) }
        }
        return millionths.flatMap { $0 > 0 ? $0 : nil }
    }

    private static func dedupe(_ options: MergeOptions, _ settings: inout Settings) throws(ToolFailure) -> DedupeSettings? {
        let isDeduping = try settings.bool("dedupe", flag: options.dedupe)
        let name = try settings.text("name", flag: options.name, default: "merge")
        let deadAfter = try settings.optionalSpan("dead-after", flag: options.deadAfter)
        guard !name.isEmpty else { throw ToolFailure(.usage, "--name is empty; give the merged feed a name") }
        guard isDeduping else { return nil }
        return DedupeSettings(name: name, deadAfter: deadAfter.map { $0 == 0 ? .never : .micros($0) } ?? .heartbeat)
    }

    /// Names between commas; an option said twice adds to its list.
    private static func names(
        _ key: String, _ flags: [String], _ expectation: String, _ settings: inout Settings
    ) throws(ToolFailure) -> NameSet {
        let flag = flags.isEmpty ? nil : flags.joined(separator: ",")
        let names = try settings.optional(key, flag: flag, expectation: expectation) { text in
            let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            return names.contains("") ? nil : names
        }
        return NameSet(names ?? [])
    }
}
