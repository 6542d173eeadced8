import Testing
import UnixTool

@testable import mkt_merge

@Suite struct MergeConfigurationTests {
    private func configuration(
        _ arguments: [String], environment: [String: String] = [:]
    ) throws -> MergeConfiguration {
        var settings = Settings(tool: "mkt-merge", environment: environment, file: nil)
        let options = try MergeOptions.parse(arguments)
        return try MergeConfiguration(options, CommonSettings(options.common, &settings), &settings)
    }

    @Test func nothingTyped_givesTheDefaults() throws {
        let configuration = try configuration([])
        #expect(configuration.inputs.isEmpty)
        #expect(configuration.windowMicros == 20_000)
        #expect(!configuration.isFollowing)
        #expect(configuration.speedMillionths == nil)
        #expect(!configuration.filter.isActive)
        #expect(configuration.dedupe == nil)
    }

    @Test func dedupe_hasAName_andPatience_andNeedsAllLines() throws {
        let configuration = try configuration(["--dedupe", "--only", "trade", "--from", "5"])
        #expect(configuration.dedupe?.name == "merge")
        #expect(configuration.dedupe?.deadAfter == .heartbeat)
        #expect(configuration.filter.needsNames)
        #expect(!configuration.inputFilter.needsNames)
        #expect(configuration.inputFilter.from == 5)
        #expect(try self.configuration(["--dedupe", "--dead-after", "3s", "--name", "x"]).dedupe?.deadAfter == .micros(3_000_000))
        #expect(try self.configuration(["--dedupe", "--dead-after", "0"]).dedupe?.deadAfter == .never)
        #expect(try self.configuration(["--name", "x", "--only", "trade"]).inputFilter.needsNames)
    }

    @Test func flags_goBeforeTheEnvironment() throws {
        let environment = ["MKT_MERGE_WINDOW": "1s", "MKT_MERGE_SPEED": "0.5", "MKT_MERGE_FOLLOW": "true"]
        let configuration = try configuration(["--window", "5ms", "a", "-"], environment: environment)
        #expect(configuration.windowMicros == 5000)
        #expect(configuration.speedMillionths == 500_000)
        #expect(configuration.isFollowing)
        #expect(configuration.inputs == ["a", "-"])
    }

    @Test func listSaidTwice_addsUp() throws {
        let filter = try configuration(["--market", "a,b", "--market", "c", "--only", "trade"]).filter
        let line = Array("{\"type\":\"trade\",\"market\":\"c\",\"recv_us\":1}".utf8)
        let isPassed = line.withUnsafeBufferPointer { LineKeys.find(in: $0, names: true).map(filter.passes) }
        #expect(isPassed == true)
    }

    @Test(arguments: [
        ["--speed", "0"], ["--speed", "-1"], ["--speed", "nan"], ["--speed", "1e-9"], ["--window", "20"], ["--window", "x"],
        ["--from", "soon"], ["--from", "2", "--to", "2"], ["--only", ""], ["--market", "a,,b"], ["--dedupe", "--dead-after", "5"],
        ["--dedupe", "--name", ""],
    ])
    func wrongValue_isRefused(arguments: [String]) {
        #expect(throws: (any Error).self) { try configuration(arguments) }
    }
}
