import TOML
import TestSupport
import Testing

@testable import UnixTool

@Suite struct SettingsTests {
    private let folder = TemporaryFolder()

    private func settings(
        tool: String = "pm-feed", environment: [String: String] = [:], file text: String? = nil
    ) throws -> Settings {
        let file = try text.map { try SettingsFile(path: folder.write("mkt.toml", $0)) }
        return Settings(tool: tool, environment: environment, file: file)
    }

    private func failure(_ body: () throws -> Void) -> ToolFailure? {
        do {
            try body()
            return nil
        } catch {
            return error as? ToolFailure
        }
    }

    /// Each place, taken away one after the other, uncovers the next.
    @Test func flag_goesBeforeEnvironment_beforeFile_beforeDefault() throws {
        let text = "stale-after = \"5s\"\n[pm-feed]\nstale-after = \"4s\"\n"
        let environment = ["PM_FEED_STALE_AFTER": "2s", "MKT_STALE_AFTER": "3s"]
        let path = folder.file("mkt.toml")
        let cases: [(flag: String?, environment: [String: String], file: String?, micros: Int64, origin: String)] = [
            ("1s", environment, text, 1_000_000, "flag --stale-after"),
            (nil, environment, text, 2_000_000, "environment PM_FEED_STALE_AFTER"),
            (nil, ["MKT_STALE_AFTER": "3s"], text, 3_000_000, "environment MKT_STALE_AFTER"),
            (nil, ["MKT_STALE_AFTER": "", "PM_FEED_STALE_AFTER": ""], text, 4_000_000, "file \(path):3"),
            (nil, [:], "stale-after = \"5s\"\n", 5_000_000, "file \(path):1"),
            (nil, [:], "[kalshi-feed]\nstale-after = \"5s\"\n", 6_000_000, "default"),
            (nil, [:], nil, 6_000_000, "default"),
        ]
        for one in cases {
            var settings = try settings(environment: one.environment, file: one.file)
            let micros = try settings.span("stale-after", flag: one.flag, default: 6_000_000)
            #expect(micros == one.micros)
            #expect(settings.resolved.last?.origin == one.origin)
        }
    }

    @Test func ownNameOfAnMktTool_goesBeforeTheCommonOne() throws {
        var settings = try settings(tool: "mkt-merge", environment: ["MKT_MERGE_LIMIT": "1", "MKT_LIMIT": "2"])
        let limit = try settings.optionalCount("limit", flag: nil)
        #expect(limit == 1)
    }

    @Test func wrongValue_isUsageOfAFlag_andConfigurationElsewhere() throws {
        var flagged = try settings()
        let usage = failure { _ = try flagged.span("drain", flag: "soon", default: 1) }
        #expect(usage?.status == .usage)
        #expect(usage?.message == "drain is 'soon' (flag --drain); give a span of time such as 250ms, 30s, 15m, 2h or 0")
        var other = try settings(environment: ["MKT_DRAIN": "soon"])
        let environment = failure { _ = try other.span("drain", flag: nil, default: 1) }
        #expect(environment?.status == .configuration)
        #expect(environment?.message.contains("environment MKT_DRAIN") == true)
        var filed = try settings(file: "\n[pm-feed]\ndrain = [1]\n")
        let file = failure { _ = try filed.span("drain", flag: nil, default: 1) }
        #expect(file?.status == .configuration)
        #expect(file?.message == "\(folder.file("mkt.toml")):3: drain is an array; give one plain value")
    }

    @Test func kindsOfValues_areRead() throws {
        var settings = try settings(file: "a = 5\nb = true\nc = \"no\"\nd = 0.050\ne = \"\"\nf = -1\ng = 2.5\n")
        let count = try settings.count("a", flag: nil, default: 1)
        let (yes, no, absent, flag) = (
            try settings.bool("b", flag: false), try settings.bool("c", flag: false), try settings.bool("x", flag: false),
            try settings.bool("x", flag: true)
        )
        let (text, none) = (try settings.text("d", flag: nil, default: "z"), try settings.optionalText("x", flag: nil))
        let word = try settings.word("h", flag: "two", of: ["one", "two"], default: "one")
        #expect(count == 5 && yes && !no && !absent && flag && text == "0.050" && none == nil && word == "two")
        #expect(failure { _ = try settings.text("e", flag: nil, default: "z") }?.status == .configuration)
        #expect(failure { _ = try settings.count("f", flag: nil, default: 1) }?.message.contains("from 0 up") == true)
        #expect(failure { _ = try settings.count("g", flag: nil, default: 1) }?.status == .configuration)
        #expect(failure { _ = try settings.count("a", flag: nil, default: 9, least: 6) }?.message.contains("from 6 up") == true)
        #expect(failure { _ = try settings.bool("a", flag: false) }?.message.contains("true or false") == true)
        #expect(
            failure { _ = try settings.word("h", flag: "six", of: ["one", "two"], default: "one") }?.message.contains("one or two") == true)
    }

    @Test func unknownKeyOfTheOwnTable_isRefusedWithItsPlace() throws {
        var settings = try settings(file: "top = 1\n[pm-feed]\nknown = 1\nknwon = 2\n[kalshi-feed]\nother = 1\n")
        _ = try settings.count("known", flag: "3", default: 1)
        let failure = failure { try settings.checkUnknownKeys() }
        #expect(failure?.status == .configuration)
        #expect(failure?.message == "\(folder.file("mkt.toml")):4: pm-feed has no setting 'knwon'; see pm-feed --help")
    }

    @Test func tableOfNoTool_isRefused_butRulesAndLinksAreNot() throws {
        let wrong = try settings(file: "[pm-fed]\na = 1\n")
        #expect(failure { try wrong.checkUnknownKeys() }?.message.contains("there is no tool 'pm-fed'") == true)
        let right = try settings(file: "[rules.a]\nx = 1\n[[links]]\n[mkt-sink]\nb = 1\n")
        #expect(failure { try right.checkUnknownKeys() } == nil)
        #expect(right.table("rules")?["a"]?.table?["x"]?.number == "1")
    }

    @Test func report_isTOML_withTheOriginBehindEachValue() throws {
        var settings = try settings(environment: ["MKT_NAME": "a\"b\\c\né"], file: "limit = 5\n")
        _ = try settings.text("name", flag: nil, default: "x")
        _ = try settings.count("limit", flag: nil, default: 1)
        _ = try settings.span("stale-after", flag: nil, default: 90_000_000)
        _ = try settings.optionalText("metrics", flag: nil)
        let read = try TOMLDocument.parse(settings.report)
        #expect(read.entries.map(\.key) == ["name", "limit", "stale-after", "metrics"])
        #expect(read.entries.map(\.value.plainText) == ["a\"b\\c\né", "5", "90s", ""])
        #expect(settings.report.split(separator: "\n")[1] == "limit       = \"5\"  # file \(folder.file("mkt.toml")):1")
        #expect(settings.report.hasSuffix("metrics     = \"\"  # default\n"))
    }

    @Test func secret_isMasked_andTakenFromTheEnvironmentOnly() throws {
        var settings = try settings(environment: ["KALSHI_API_KEY_ID": "s3cret", "EMPTY": ""], file: "KALSHI_OTHER = \"s3cret\"\n")
        #expect(settings.secret("KALSHI_API_KEY_ID") == "s3cret")
        #expect(settings.secret("KALSHI_OTHER") == nil)
        #expect(settings.secret("EMPTY") == nil)
        #expect(!settings.report.contains("s3cret"))
        #expect(settings.report.contains("KALSHI_API_KEY_ID = \"****\"  # environment KALSHI_API_KEY_ID"))
    }

    @Test(arguments: [
        ("postgres://me:s3cret@host/db", "postgres://me:****@host/db"),
        ("postgres://me:s3:cr@et@host/db?a=b", "postgres://me:****@host/db?a=b"),
        ("postgres://host/db?user=me&password=s3cret&x=1", "postgres://host/db?user=me&password=****&x=1"),
        ("host=h password=s3cret dbname=d", "host=h password=**** dbname=d"), ("postgres://me@host/db", "postgres://me@host/db"),
        ("sqlite:a:b@c", "sqlite:a:b@c"), ("wss://host:443/ws", "wss://host:443/ws"),
    ])
    func passwordInsideAValue_isMaskedInTheReport(_ value: String, _ shown: String) throws {
        var settings = try settings()
        let read = try settings.optionalText("db", flag: value)
        #expect(read == value)
        #expect(settings.resolved.last?.value == shown)
        #expect(failure { _ = try settings.count("db", flag: value, default: 1) }?.message.contains("s3") == false)
    }
}
