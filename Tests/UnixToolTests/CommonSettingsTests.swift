import Testing

@testable import UnixTool

@Suite struct CommonSettingsTests {
    private func common(_ arguments: [String], _ environment: [String: String] = [:]) throws -> (CommonSettings, Settings) {
        var settings = Settings(tool: "pm-feed", environment: environment, file: nil)
        let common = try CommonSettings(CommonOptions.parse(arguments), &settings)
        return (common, settings)
    }

    @Test func defaults_areThoseOfTheHelp() throws {
        let (common, settings) = try common([])
        #expect(common.logLevel == .info && common.logFormat == .text)
        #expect(common.durationMicros == nil && common.linesMax == nil)
        #expect(common.heartbeatMicros == 10_000_000 && common.drainMicros == 10_000_000)
        #expect(common.metricsPath == nil && common.rejectsPath == nil && !common.isLineBuffered && !common.isStrict)
        #expect(settings.resolved.allSatisfy { $0.origin == "default" })
    }

    @Test func flags_areResolved() throws {
        let arguments = [
            "--log-level", "debug", "--log-format", "json", "--duration", "30s", "--limit", "5", "--heartbeat", "0", "--drain", "1s",
            "--metrics", "m",
            "--rejects", "r", "--line-buffered", "--strict",
        ]
        let (common, settings) = try common(arguments, ["MKT_LIMIT": "9"])
        #expect(common.logLevel == .debug && common.logFormat == .json)
        #expect(common.durationMicros == 30_000_000 && common.linesMax == 5)
        #expect(common.heartbeatMicros == nil && common.drainMicros == 1_000_000)
        #expect(common.metricsPath == "m" && common.rejectsPath == "r" && common.isLineBuffered && common.isStrict)
        #expect(settings.resolved.map(\.origin) == settings.resolved.map { "flag --\($0.key)" })
    }

    @Test(arguments: [
        ["--log-level", "loud"], ["--log-format", "xml"], ["--duration", "5"], ["--limit=-1"], ["--limit", "many"], ["--heartbeat", "1"],
        ["--drain", ""],
    ])
    func wrongFlag_isUsage(_ arguments: [String]) {
        do {
            _ = try common(arguments)
            Issue.record("\(arguments) was taken")
        } catch {
            #expect((error as? ToolFailure)?.status == .usage)
        }
    }
}
