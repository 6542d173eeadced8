import Glibc

/// A file that nobody else can open and that is gone with the process: for what is too much for memory.
public enum NamelessFile {
    /// Gives a descriptor to write and read. Fails with 73 where there is no room for files.
    ///
    /// - Parameter purpose: For the message: `--verify`.
    public static func make(for purpose: String) throws(ToolFailure) -> Int32 {
        let folder = EnvironmentFile.process()["TMPDIR"] ?? "/tmp"
        var template = Array("\(folder)/mktpipe-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else {
            throw ToolFailure(.cannotCreate, "cannot make a file for \(purpose): \(SystemError.text()); let TMPDIR name a folder with room")
        }
        unlink(template)
        return descriptor
    }

    /// From here on it is read from its beginning.
    public static func rewind(_ descriptor: Int32) throws(ToolFailure) {
        guard lseek(descriptor, 0, SEEK_SET) == 0 else {
            throw ToolFailure(.ioError, "cannot read a file without a name: \(SystemError.text())")
        }
    }
}
