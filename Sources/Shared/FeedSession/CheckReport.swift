public import UnixTool

/// What `--check` prints: a line for each thing that a session needs, ✓ or ✗, and what to do about it.
///
/// The exit status is that of the first thing that failed.
public struct CheckReport {
    private let write: (String) throws -> Void
    public private(set) var failure: ToolFailure?

    /// - Parameter write: takes each line, without its newline.
    public init(write: @escaping (String) throws -> Void) {
        self.write = write
    }

    /// A report on standard output, each line at once.
    public static func standardOutput() -> CheckReport {
        CheckReport { line in
            var writer = LineWriter(isLineBuffered: true)
            writer.buffer.append(utf8: line + "\n")
            try writer.flush()
        }
    }

    /// Something works.
    public mutating func pass(_ subject: String, _ words: String) throws { try write("✓ \(subject): \(words)") }

    /// Something does not; `words` say what to do.
    public mutating func fail(_ subject: String, _ words: String, _ status: ExitStatus) throws {
        try write("✗ \(subject): \(words)")
        failure = failure ?? ToolFailure(status, "\(subject): \(words)")
    }

    /// Something that cannot be tried because of what failed before.
    public mutating func skip(_ subject: String, _ words: String) throws { try write("- \(subject): \(words)") }

    /// The difference between this machine's clock and a server's that is told to a whole second.
    public mutating func clock(ourMicros: Int64, serverMicros: Int64?) throws {
        guard let serverMicros else { return try skip("clock", "the venue tells no time") }
        let difference = ourMicros - serverMicros
        // The header is cut to seconds, and the answer was on its way.
        let isGood = (-1_500_000...3_000_000).contains(difference)
        let words = "\(difference < 0 ? "behind" : "ahead of") the venue's by \(abs(difference) / 1000) ms (told to a second)"
        if isGood { return try pass("clock", words) }
        try fail("clock", "\(words); set this machine's clock (timedatectl set-ntp true)", .configuration)
    }
}
