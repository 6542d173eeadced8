/// One piece of work that runs per line, and how to get ready for it.
public struct HotPath {
    /// `part/what/size`, without blanks.
    public let name: String
    /// Makes everything anew for one run: state that an earlier run has changed would be another path.
    public let prepare: () throws -> HotRun

    public init(_ name: String, prepare: @escaping () throws -> HotRun) {
        self.name = name
        self.prepare = prepare
    }
}

/// One run of a path: what is measured, and what must come out of it.
public struct HotRun {
    /// Lines, frames or messages that `body` takes.
    public let lines: Int
    /// Counted from the corpus, not by the path.
    public let expected: Int
    /// What is measured. Gives a sum over all that it made, so that nothing of it is left out.
    public let body: () throws -> Int
    /// Looks at what is left behind, unmeasured.
    public let check: () throws -> Void

    public init(lines: Int, expected: Int, check: @escaping () throws -> Void = {}, body: @escaping () throws -> Int) {
        self.lines = lines
        self.expected = expected
        self.check = check
        self.body = body
    }

    /// Throws unless a run has come to what it must.
    public func verify(_ result: Int) throws {
        try BenchFailure.expect(result == expected, "\(result) came out, not \(expected)")
        try check()
    }
}

/// A path did not do what it must: its time would say nothing.
public struct BenchFailure: Error, CustomStringConvertible {
    public let description: String

    public init(description: String) { self.description = description }

    public static func expect(_ isKept: Bool, _ words: @autoclosure () -> String) throws {
        if !isKept { throw BenchFailure(description: words()) }
    }
}
