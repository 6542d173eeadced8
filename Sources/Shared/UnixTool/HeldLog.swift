import Glibc
internal import Synchronization

/// Log lines that wait while a full screen is on the terminal that standard error is, too.
///
/// Between `hold` and `release` nothing is written to standard error; the last lines can be looked at, and `release` writes them.
public enum HeldLog {
    /// Lines that are kept; of older ones only the number.
    public static let linesMax = 200

    private struct Held {
        var isHolding = false
        var lines: [String] = []
        var count = 0
    }

    private static let held = Mutex(Held())

    /// From now on lines wait.
    public static func hold() {
        held.withLock { $0.isHolding = true }
    }

    /// Takes a line (without its newline) if lines wait; false if it is to be written.
    static func take(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
        held.withLock { held in
            guard held.isHolding else { return false }
            if held.lines.count == linesMax { held.lines.removeFirst() }
            held.lines.append(String(decoding: line, as: UTF8.self))
            held.count += 1
            return true
        }
    }

    /// How many lines came since `hold`.
    public static var count: Int { held.withLock { $0.count } }

    /// At most `most` of the lines that wait, the newest last.
    public static func latest(_ most: Int) -> [String] {
        held.withLock { Array($0.lines.suffix(most)) }
    }

    /// Writes what waits to standard error; lines do not wait any more.
    public static func release() {
        let past = held.withLock { held in
            defer { held = Held() }
            return held
        }
        guard past.isHolding else { return }
        let missing = past.count - past.lines.count
        if missing > 0 { StderrLog.write(line: "(\(missing) earlier lines were not kept while the table was shown)") }
        for line in past.lines { StderrLog.write(line: line, isClean: true) }
    }
}
