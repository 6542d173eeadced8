import ArgumentParser
import FeedSession
import Testing
import UnixTool

@Suite struct LiveSettingsTests {
    struct Options: ToolOptions {
        @OptionGroup var feed: FeedOptions
        @OptionGroup var live: LiveOptions
        @OptionGroup var common: CommonOptions
    }

    private func settings(_ arguments: String..., environment: [String: String] = [:]) throws -> LiveSettings {
        let options = try Options.parse(arguments)
        var settings = Settings(tool: "pp-feed", environment: environment, file: nil)
        let common = try CommonSettings(options.common, &settings)
        let feed = try FeedSettings(options.feed, common: common, venue: "paper", defaultName: "pp", &settings)
        return try LiveSettings(options.live, feed, &settings)
    }

    @Test func nothingSaid_isOneSocket_neverRenewed_notRecorded() throws {
        let settings = try settings()
        #expect(settings.redundancy == 1 && settings.rotateMicros == nil && settings.recordPath == nil && settings.caPath == nil)
        #expect(!settings.isChecking)
    }

    @Test func everyOption_isTaken_alsoFromTheEnvironment() throws {
        let typed = try settings("--record", "r", "--ca-file", "c", "--rotate-every", "15m", "--redundant", "2", "--check")
        #expect(typed.recordPath == "r" && typed.caPath == "c" && typed.rotateMicros == 900_000_000 && typed.redundancy == 2)
        #expect(typed.isChecking)
        #expect(try settings(environment: ["PP_FEED_REDUNDANT": "2"]).redundancy == 2)
        #expect(try settings("--rotate-every", "0").rotateMicros == nil)
        #expect(try settings("--rotate-every", "10s").rotateMicros == 10_000_000)
    }

    @Test func whatCannotBe_isMisuse() {
        for arguments in [["--rotate-every", "9s"], ["--redundant", "0"], ["--redundant", "3"], ["--redundant", "x"]] {
            let failure = #expect(throws: ToolFailure.self) { try self.settings(arguments[0], arguments[1]) }
            #expect(failure?.status == .usage, "\(arguments)")
        }
    }

    @Test func replay_goesWithoutRecordingAndChecking() throws {
        for arguments in [["--replay", "x", "--record", "y"], ["--replay", "x", "--check"]] {
            let failure = #expect(throws: ToolFailure.self) {
                let options = try Options.parse(arguments)
                var settings = Settings(tool: "pp-feed", environment: [:], file: nil)
                let common = try CommonSettings(options.common, &settings)
                let feed = try FeedSettings(options.feed, common: common, venue: "paper", defaultName: "pp", &settings)
                _ = try LiveSettings(options.live, feed, &settings)
            }
            #expect(failure?.status == .usage)
        }
        #expect(try settings("--replay", "x").recordPath == nil)
    }
}
