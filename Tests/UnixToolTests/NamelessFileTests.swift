import Glibc
import Testing

@testable import UnixTool

@Suite struct NamelessFileTests {
    @Test func file_isReadFromItsBeginning_hasNoName_andIsItsOwnersAlone() throws {
        let descriptor = try NamelessFile.make(for: "a test")
        defer { close(descriptor) }
        #expect(write(descriptor, "abc", 3) == 3)
        try NamelessFile.rewind(descriptor)
        var bytes = [UInt8](repeating: 0, count: 8)
        #expect(read(descriptor, &bytes, 8) == 3 && bytes.prefix(3).elementsEqual("abc".utf8))
        var status = stat()
        #expect(fstat(descriptor, &status) == 0 && status.st_nlink == 0 && status.st_mode & 0o777 == 0o600)
    }

    @Test func pipe_hasNoBeginning() throws {
        let pipe = TestPipe()
        #expect(throws: ToolFailure.self) { try NamelessFile.rewind(pipe.readEnd) }
    }
}
