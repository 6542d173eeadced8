import ArgumentParser
import BenchSupport
import DecidePaths
import KalshiPaths
import MergePaths
import PolymarketPaths
import SinkPaths

/// Nanoseconds and allocations per line of every hot path; under callgrind, for the gate, instructions.
@main struct MktBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mkt-bench", abstract: "What each hot path of mktpipe costs per line, on corpora made here.",
        version: "mktpipe")

    @Flag(help: "Only tell the names of the paths.")
    var list = false

    @Option(help: ArgumentHelp("Only paths whose names match; may be given several times.", valueName: "regex"))
    var path: [String] = []

    @Option(help: "Rounds that are measured, after one that is not.")
    var rounds = 9

    @Option(help: ArgumentHelp("Write the results there too.", valueName: "file"))
    var json: String?

    @Flag(help: "One run of each path between words to callgrind, which must be listening.")
    var counted = false

    func validate() throws {
        guard rounds >= 5 else { throw ValidationError("--rounds: medians need five or more") }
    }

    func run() throws {
        let paths = try chosen()
        guard !paths.isEmpty else { throw ValidationError("no path has such a name; see --list") }
        if list { return paths.forEach { print($0.name) } }
        if counted { return try count(paths) }
        var results: [PathResult] = []
        print(PathResult.head)
        for path in paths {
            let result = try named(path) { try PathResult.measure(path, rounds: rounds) }
            print(result.row)
            results.append(result)
        }
        if let json { try PathResult.write(results, to: json) }
    }

    /// Every path once, in the order of `--list`.
    private func chosen() throws -> [HotPath] {
        let all =
            SharedPaths.all + EncodePaths.all + FramePaths.all + MergePaths.all + PolymarketPaths.all + KalshiPaths.all
            + DecidePaths.all + SinkPaths.all
        guard !path.isEmpty else { return all }
        let patterns = try path.map { try Regex($0) }
        return all.filter { path in patterns.contains { path.name.firstMatch(of: $0) != nil } }
    }

    private func count(_ paths: [HotPath]) throws {
        guard Cost.isCounted else { throw ValidationError("--counted is for gate.py, which runs this under callgrind") }
        for path in paths {
            try named(path) {
                // Once before: what is made at first use is not a line's cost.
                let first = try path.prepare()
                try first.verify(try first.body())
                let run = try path.prepare()
                try Cost.count(run, as: path.name)
                print(path.name, run.lines)
            }
        }
    }

    /// A path that fails says which it is.
    private func named<Value>(_ path: HotPath, _ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch {
            throw BenchFailure(description: "\(path.name): \(error)")
        }
    }
}
