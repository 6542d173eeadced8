import Glibc

/// How many cells a terminal's window has.
public struct WindowSize: Equatable, Sendable {
    public let columns: Int
    public let rows: Int

    /// No window is larger: a frame must not be huge because somebody told a huge size.
    private static let most = 1000

    public init(columns: Int, rows: Int) {
        self.columns = min(columns, WindowSize.most)
        self.rows = min(rows, WindowSize.most)
    }

    /// What the terminal tells, else `COLUMNS` and `LINES` of the environment, else 80 by 24.
    public static func of(_ descriptor: Int32) -> WindowSize {
        var told = winsize()
        let isTold = ioctl(descriptor, UInt(TIOCGWINSZ), &told) == 0
        return WindowSize(
            columns: isTold && told.ws_col > 0 ? Int(told.ws_col) : environment("COLUMNS") ?? 80,
            rows: isTold && told.ws_row > 0 ? Int(told.ws_row) : environment("LINES") ?? 24)
    }

    private static func environment(_ name: String) -> Int? {
        getenv(name).flatMap { Int(String(cString: $0)) }.flatMap { $0 > 0 ? $0 : nil }
    }
}
