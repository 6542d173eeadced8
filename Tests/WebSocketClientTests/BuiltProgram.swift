import TestSupport
import Testing

/// A program of this package, built beside the tests.
enum BuiltProgram {
    static func path(_ name: String) throws -> String {
        let own = try String(decoding: #require(TemporaryFolder.read(path: "/proc/self/cmdline")), as: UTF8.self)
        // The bundle of tests stands among the arguments of whatever runs it.
        let bundle = try #require(own.split(separator: "\0").first { $0.hasSuffix("PackageTests.xctest") }, "\(own)")
        return bundle.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/\(name)"
    }
}
