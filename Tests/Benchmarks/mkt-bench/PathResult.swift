import BenchSupport
import Glibc

/// What the rounds of one path came to.
struct PathResult {
    let name: String
    let lines: Int
    /// Nanoseconds a line.
    let median: Double
    let least: Double
    /// Allocations a line, of the round that had the fewest.
    let allocations: Double

    var perSecond: Double { 1e9 / median }

    /// One round that nobody counts, then `rounds` of them, each prepared anew.
    static func measure(_ path: HotPath, rounds: Int) throws -> PathResult {
        _ = try Cost.measure(try path.prepare())
        var nanos: [Double] = []
        var allocations = Double.infinity
        var lines = 0
        for _ in 0..<rounds {
            let run = try path.prepare()
            let cost = try Cost.measure(run)
            lines = run.lines
            nanos.append(Double(cost.nanos) / Double(lines))
            allocations = min(allocations, Double(cost.allocations) / Double(lines))
        }
        nanos.sort()
        return PathResult(name: path.name, lines: lines, median: nanos[rounds / 2], least: nanos[0], allocations: allocations)
    }

    // MARK: As text

    static let head = """
        | path | lines | ns a line | least | allocations a line | lines a second |
        |---|---|---|---|---|---|
        """

    var row: String {
        "| `\(name)` | \(lines) | \(PathResult.text(median, 1)) | \(PathResult.text(least, 1)) | \(PathResult.text(allocations, 3))"
            + " | \(Int(perSecond)) |"
    }

    private var object: String {
        "{\"path\":\"\(name)\",\"lines\":\(lines),\"ns\":\(PathResult.text(median, 2)),\"ns_least\":\(PathResult.text(least, 2)),"
            + "\"allocations\":\(PathResult.text(allocations, 4)),\"lines_per_second\":\(Int(perSecond))}"
    }

    /// A JSON array with an object a path.
    static func write(_ results: [PathResult], to path: String) throws {
        guard let file = fopen(path, "w") else { throw BenchFailure(description: "\(path) cannot be written") }
        fputs("[\n" + results.map(\.object).joined(separator: ",\n") + "\n]\n", file)
        guard fclose(file) == 0 else { throw BenchFailure(description: "\(path) cannot be written") }
    }

    /// A number of so many decimals.
    private static func text(_ value: Double, _ decimals: Int) -> String {
        let scale = (0..<decimals).reduce(1) { scale, _ in scale * 10 }
        let (whole, rest) = Int((value * Double(scale)).rounded()).quotientAndRemainder(dividingBy: scale)
        let digits = String(rest)
        return "\(whole)." + String(repeating: "0", count: decimals - digits.count) + digits
    }
}
