import SQLite
import UnixTool

extension SQLiteError {
    /// Whether a row is at fault: a rule of its table or a trigger refuses it, or it is too large, or of a kind that its column does not take.
    var isOfRow: Bool { kind == .constraint || [18, 20].contains(code & 0xFF) }
}

extension SQLiteTarget {
    /// What SQLite refused, as an exit status and a line that says what to do.
    static func failure(_ error: any Error, path: String) -> ToolFailure {
        guard let error = error as? SQLiteError else {
            return error as? ToolFailure ?? ToolFailure(.bug, "\(path): \(error)")
        }
        let told = "\(path): \(error.message)"
        return switch error.kind {
        case .busy:
            ToolFailure(.tryLater, "\(told) for \(busyMillisMax / 1000) s: another program writes to it; try again later")
        case .cannotOpen: ToolFailure(.cannotCreate, "cannot open \(told); check that the directory is there and may be written")
        case .readOnly: ToolFailure(.cannotCreate, "cannot write \(told); check who may write the file and its directory")
        case .notADatabase:
            ToolFailure(.cannotCreate, "\(told); give --to another file, or move this one out of the way")
        case .corrupt: ToolFailure(.ioError, "\(told); save what can be saved with: sqlite3 \(path) .recover")
        case .full: ToolFailure(.ioError, "\(told); free some space, then give the same input again: nothing is stored twice")
        case .ioError: ToolFailure(.ioError, "\(told); check the disk, then give the same input again: nothing is stored twice")
        case .constraint, .interrupted, .other: ToolFailure(.unavailable, "\(path) refuses: \(error)")
        }
    }
}
