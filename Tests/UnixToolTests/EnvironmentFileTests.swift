import Glibc
import TestSupport
import Testing
import UnixTool

@Suite struct EnvironmentFileTests {
    private let folder = TemporaryFolder()

    private func failure(_ path: String) -> ToolFailure? {
        do {
            _ = try EnvironmentFile.read(path)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: ["\n", "\r\n"])
    func lines_areRead(_ lineEnd: String) throws {
        let lines = [
            "# a comment", "", "A=1", "  B = two words  ", "export C=\"quoted # text\"", "D='single'", "E=", "F=a=b", "G=\"'x'\"", "H=\"",
            "I=\"a'",
            "\tJ=é", "KEY=-----BEGIN\\nabc\\n", "A2=1 ",
        ]
        let read = try EnvironmentFile.read(folder.write(".env", lines.joined(separator: lineEnd) + lineEnd))
        #expect(
            read == [
                "A": "1", "B": "two words", "C": "quoted # text", "D": "single", "E": "", "F": "a=b", "G": "'x'", "H": "\"", "I": "\"a'",
                "J": "é",
                "KEY": "-----BEGIN\\nabc\\n", "A2": "1",
            ])
    }

    @Test(arguments: ["novalue", "=x", "A=1\n=2", "export", " = "])
    func otherLine_isRefusedWithItsPlace_butNotItsText(_ text: String) {
        let path = folder.write(".env", text)
        let line = text.contains("\n") ? 2 : 1
        #expect(failure(path) == ToolFailure(.configuration, "\(path):\(line): not NAME=VALUE"))
    }

    @Test(arguments: [0o644, 0o640, 0o604, 0o620, 0o602, 0o601, 0o610] as [mode_t])
    func fileThatOthersMayTouch_isRefused_andSaysWhatToDo(_ mode: mode_t) {
        let path = folder.write(".env", "A=1", mode: mode)
        #expect(failure(path)?.status == .configuration)
        #expect(failure(path)?.message.hasSuffix("chmod 600 \(path)") == true)
    }

    @Test(arguments: [0o600, 0o400, 0o700] as [mode_t])
    func fileOfItsOwnerOnly_isRead(_ mode: mode_t) throws {
        #expect(try EnvironmentFile.read(folder.write(".env", "A=1", mode: mode)) == ["A": "1"])
    }

    @Test func missingFile_isAWrongConfiguration() {
        let path = folder.file("absent")
        #expect(failure(path)?.status == .configuration)
        #expect(failure(path)?.message.contains(path) == true)
        #expect(throws: ToolFailure.self) { try EnvironmentFile.checkPrivate(path) }
    }

    @Test func processEnvironment_isComplete() {
        setenv("MKTPIPE_TEST_VARIABLE", "a=b", 1)
        #expect(EnvironmentFile.process()["MKTPIPE_TEST_VARIABLE"] == "a=b")
    }
}
