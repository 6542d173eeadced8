import TestSupport
import Testing

@testable import UnixTool

@Suite struct SettingsFileTests {
    private let folder = TemporaryFolder()

    private func failure(_ path: String) -> ToolFailure? {
        do {
            _ = try SettingsFile(path: path)
            return nil
        } catch {
            return error
        }
    }

    @Test func namedFileThatIsMissing_isAWrongConfiguration() {
        let path = folder.file("absent.toml")
        #expect(failure(path)?.status == .configuration)
        #expect(failure(path)?.message.contains(path) == true)
        #expect(throws: ToolFailure.self) { try SettingsFile.find(flag: path, environment: [:]) }
        #expect(throws: ToolFailure.self) { try SettingsFile.find(flag: nil, environment: ["MKT_CONFIG": path]) }
    }

    @Test func fault_isToldWithFileAndLine() {
        let path = folder.write("bad.toml", "a = 1\nb = = 2\n")
        #expect(failure(path)?.status == .configuration)
        #expect(failure(path)?.message.hasPrefix("\(path):2: not TOML: ") == true)
    }

    @Test func fileThatIsNotUTF8_isRefused() {
        #expect(failure(folder.write("latin.toml", [0x61, 0x3D, 0x22, 0xE9, 0x22]))?.message.contains("UTF-8") == true)
    }

    @Test func flag_goesBeforeEnvironment_beforeXDG_beforeHome() throws {
        for name in ["flag", "env", "xdg", "home"] { folder.write("\(name).toml", "who = \"\(name)\"\n") }
        let mkdir = [folder.file("x"), folder.file("x/mkt"), folder.file("h"), folder.file("h/.config"), folder.file("h/.config/mkt")]
        for path in mkdir { #expect(makeFolder(path)) }
        folder.write("x/mkt/mkt.toml", "who = \"xdg\"\n")
        folder.write("h/.config/mkt/mkt.toml", "who = \"home\"\n")
        let all = ["MKT_CONFIG": folder.file("env.toml"), "XDG_CONFIG_HOME": folder.file("x"), "HOME": folder.file("h")]
        func who(_ flag: String?, _ without: Set<String>, _ changes: [String: String] = [:]) throws -> String? {
            let environment = all.filter { !without.contains($0.key) }.merging(changes) { $1 }
            return try SettingsFile.find(flag: flag, environment: environment)?.root["who"]?.plainText
        }
        #expect(try who(folder.file("flag.toml"), []) == "flag")
        #expect(try who(nil, []) == "env")
        #expect(try who(nil, ["MKT_CONFIG"]) == "xdg")
        #expect(try who(nil, ["MKT_CONFIG", "XDG_CONFIG_HOME"]) == "home")
        // An empty variable is one that is not set.
        #expect(try who(nil, [], ["MKT_CONFIG": "", "XDG_CONFIG_HOME": ""]) == "home")
        #expect(try who(nil, ["MKT_CONFIG", "XDG_CONFIG_HOME", "HOME"]) == nil)
    }

    @Test func valueOfTheToolsTable_goesBeforeTheOneAtTheTop() throws {
        let path = folder.write("a.toml", "x = 1\ny = 2\n[pm-feed]\nx = 3\n[y2]\n")
        let file = try SettingsFile(path: path)
        #expect(file.value("x", tool: "pm-feed")?.0.number == "3")
        #expect(file.value("x", tool: "pm-feed")?.place == "\(path):4")
        #expect(file.value("y", tool: "pm-feed")?.place == "\(path):2")
        #expect(file.value("x", tool: "mkt-sink")?.0.number == "1")
        #expect(file.value("pm-feed", tool: "mkt-sink") == nil)
        #expect(file.value("z", tool: "pm-feed") == nil)
    }
}
