import Glibc
import TestSupport
import Testing

@testable import UnixTool

@Suite struct ProgramWordsTests {
    @Test func bareName_isLookedUpInPath() {
        #expect(ProgramWords.fault("sh", path: "/nowhere:/bin") == nil)
        #expect(ProgramWords.fault("sh", path: "/nowhere") == "there is no program 'sh' in PATH")
        #expect(ProgramWords.fault("sh", path: nil) == "there is no program 'sh' in PATH")
    }

    @Test func path_mustBeAFileThatMayBeRun() {
        let folder = TemporaryFolder()
        let file = folder.file("my.sh")
        #expect(ProgramWords.fault(file, path: "/bin") == "there is no program \(file) that may be run")
        close(open(file, O_CREAT | O_WRONLY, 0o600))
        // Root may do anything but run what nobody may run.
        #expect(ProgramWords.fault(file, path: "/bin") == "there is no program \(file) that may be run")
        chmod(file, 0o700)
        #expect(ProgramWords.fault(file, path: nil) == nil)
        #expect(ProgramWords.fault(folder.path, path: nil) == "there is no program \(folder.path) that may be run")
    }

    @Test func environment_withholdsWhatMayBeSecret() {
        let all = [
            "PATH": "/bin", "HOME": "/", "PGPASSWORD": "x", "MKT_KEY": "x", "PM_FEED_TOKEN": "x", "POLYMARKET_SECRET": "x",
            "KALSHI_KEY": "x", "DATABASE_URL": "x", "TMPDIR": "/tmp",
        ]
        #expect(ProgramWords.environment(all) == ["PATH": "/bin", "HOME": "/", "TMPDIR": "/tmp"])
    }
}
