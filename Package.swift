// swift-tools-version: 6.2
import Foundation
import PackageDescription

// The drawing of the house (docs/architecture.md). Imports go strictly down; `swift build
// --explicit-target-dependency-import-check error` holds everyone to what stands here.

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    // The layers are separate modules; the hot path runs through four of them.
    .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
    // Checked in debug builds, in which every test runs; in a feed it would be a fifth of the instructions.
    .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
]

let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")

/// A module that stages share, under Sources/Shared.
func shared(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/Shared/\(name)", swiftSettings: settings)
}

/// A C library of the system; exactly one target imports it.
func system(_ name: String, _ pkgConfig: String, _ package: String) -> Target {
    .systemLibrary(name: name, path: "Sources/Shared/\(name)", pkgConfig: pkgConfig, providers: [.apt([package])])
}

/// A tool: one stage of a pipeline.
func stage(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies + [arguments, logging], path: "Sources/\(name)", swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(
        name: name, dependencies: dependencies + ["TestSupport"], path: "Tests/\(name)", exclude: exclude, swiftSettings: settings)
}

let package = Package(
    name: "mktpipe",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        // Layer 0, pure: bytes and values. No I/O, no clock, no log.
        .target(name: "CProcessor", path: "Sources/Shared/CProcessor", publicHeadersPath: "include"),
        shared("JSON", ["CProcessor"]),
        shared("MarketModel", ["JSON"]),

        // Layer 0, the process's edge: everything that is of the operating system.
        .target(
            name: "CTOML", path: "Sources/Shared/CTOML", publicHeadersPath: "include",
            linkerSettings: [.linkedLibrary("tomlplusplus")]),
        shared("TOML", ["CTOML"]),
        .systemLibrary(name: "CMalloc", path: "Sources/Shared/CMalloc"),
        shared("UnixTool", ["CMalloc", "JSON", "MarketModel", "TOML", arguments, logging]),

        // Layer 1: one Swift door for each C library.
        system("COpenSSL", "openssl", "libssl-dev"),
        shared("OpenSSL", ["COpenSSL"]),
        shared("WebSocket", ["JSON", "OpenSSL"]),
        shared("WebSocketClient", ["JSON", "OpenSSL", "WebSocket"]),
        system("CCurl", "libcurl", "libcurl4-openssl-dev"),
        shared("Curl", ["CCurl", "OpenSSL"]),
        system("CSQLite", "sqlite3", "libsqlite3-dev"),
        shared("SQLite", ["CSQLite"]),
        system("CPostgres", "libpq", "libpq-dev"),
        shared("Postgres", ["CPostgres"]),

        // Layer 1: how files of lines are found and read beside whoever writes them.
        shared("Segments", ["MarketModel", "UnixTool", logging]),

        // Layer 2: a connection that outlives its sockets, and its recordings.
        shared("FeedSession", ["Curl", "JSON", "MarketModel", "OpenSSL", "UnixTool", "WebSocket", "WebSocketClient", arguments, logging]),

        // Layer 2: what rules ask a database for, and how it stays new.
        shared("Reference", ["JSON", "MarketModel", "OpenSSL", "Postgres", "SQLite", "TOML", "UnixTool", logging]),

        // Layer 3: the stages. None imports another.
        stage("pm-feed", ["FeedSession", "Curl", "OpenSSL", "WebSocket", "WebSocketClient", "JSON", "MarketModel", "UnixTool"]),
        stage("kalshi-feed", ["FeedSession", "Curl", "OpenSSL", "WebSocket", "WebSocketClient", "JSON", "MarketModel", "UnixTool"]),
        stage("mkt-merge", ["Segments", "JSON", "MarketModel", "UnixTool"]),
        stage("mkt-decide", ["Reference", "OpenSSL", "JSON", "MarketModel", "TOML", "UnixTool"]),
        stage("mkt-sink", ["Segments", "OpenSSL", "Postgres", "SQLite", "JSON", "MarketModel", "UnixTool"]),

        // A client that the Autobahn suite tests (Tests/Autobahn/run.py), and that counts what it allocates.
        .target(name: "CountedAllocation", path: "Tests/CountedAllocation"),
        .executableTarget(
            name: "ws-echo", dependencies: ["CountedAllocation", "OpenSSL", "WebSocketClient"], path: "Tests/Autobahn", exclude: ["run.py"],
            swiftSettings: settings),
        .target(name: "TestSupport", dependencies: ["JSON"], path: "Tests/TestSupport", swiftSettings: settings),
        tests("JSONTests", ["CProcessor", "JSON"]),
        tests("MarketModelTests", ["JSON", "MarketModel"]),
        tests("TOMLTests", ["TOML"]),
        tests("UnixToolTests", ["JSON", "MarketModel", "TOML", "UnixTool", logging]),
        tests("OpenSSLTests", ["OpenSSL"]),
        tests("CurlTests", ["Curl", "OpenSSL"]),
        tests("PostgresTests", ["Postgres"]),
        tests("SegmentsTests", ["Segments", "MarketModel", "UnixTool", logging]),
        tests("ReferenceTests", ["Reference", "JSON", "MarketModel", "OpenSSL", "Postgres", "SQLite", "TOML", "UnixTool", logging]),
        tests("WebSocketTests", ["WebSocket", "JSON", "OpenSSL"]),
        tests("WebSocketClientTests", ["WebSocketClient", "WebSocket", "OpenSSL", "ws-echo"], exclude: ["Servers"]),
        tests(
            "FeedSessionTests",
            ["FeedSession", "Curl", "JSON", "MarketModel", "OpenSSL", "UnixTool", "WebSocket", "WebSocketClient", arguments, logging]),
        tests(
            "PMFeedTests",
            ["pm-feed", "FeedSession", "Curl", "OpenSSL", "JSON", "MarketModel", "UnixTool", "WebSocketClient", arguments, logging]),
        tests("KalshiFeedTests", ["kalshi-feed", "FeedSession", "Curl", "OpenSSL", "JSON", "MarketModel", "UnixTool"]),
        tests("MergeTests", ["mkt-merge", "Segments", "JSON", "MarketModel", "UnixTool", logging]),
        tests("DecideTests", ["mkt-decide", "Reference", "JSON", "MarketModel", "TOML", "UnixTool"]),
        tests("SinkTests", ["mkt-sink", "Segments", "Postgres", "SQLite", "JSON", "MarketModel", "UnixTool", logging]),
    ],
    cxxLanguageStandard: .cxx17
)

// `MKTPIPE_FUZZ=1`: the fuzzers (Tests/Fuzz/run.sh) and what they stand on, instead of the tools and tests.

/// The sources of a tool without its main, as a library: an executable cannot import another one.
func library(of tool: Target, without main: String) -> Target {
    .target(
        name: tool.name, dependencies: tool.dependencies, path: tool.path, exclude: [main], swiftSettings: tool.swiftSettings)
}

/// A program that gives any bytes to one subject.
func fuzzer(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies + ["FuzzSupport"], path: "Tests/Fuzz/\(name)", swiftSettings: settings,
        linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])])
}

if Context.environment["MKTPIPE_FUZZ"] != nil {
    let mains = ["pm-feed": "PMFeed.swift", "kalshi-feed": "KalshiFeed.swift"]
    let feeds = package.targets.compactMap { tool in mains[tool.name].map { library(of: tool, without: $0) } }
    package.targets.removeAll { $0.type == .executable || $0.type == .test }
    package.targets += feeds
    package.targets += [
        .systemLibrary(name: "CFuzzer", path: "Tests/Fuzz/CFuzzer"),
        .target(
            name: "FuzzSupport", dependencies: ["CFuzzer", "FeedSession", "JSON", "MarketModel", "UnixTool", logging],
            path: "Tests/Fuzz/FuzzSupport", swiftSettings: settings),
        fuzzer("fuzz-frames", ["WebSocket", "TestSupport"]),
        fuzzer("fuzz-http", ["WebSocket", "WebSocketClient"]),
        fuzzer("fuzz-json", ["JSON", "TestSupport"]),
        fuzzer("fuzz-pm-feed", ["pm-feed", "FeedSession", "UnixTool"]),
        fuzzer("fuzz-kalshi-feed", ["kalshi-feed", "FeedSession", "UnixTool"]),
    ]
    for target in package.targets where target.swiftSettings != nil {
        target.swiftSettings?.append(.unsafeFlags(["-sanitize=fuzzer,address", "-enable-testing"]))
    }
}

// `MKTPIPE_BENCH=1`: mkt-bench (Tests/Benchmarks) and what it stands on, instead of the tools and tests. What stages share stays what it
// was, so that one .build serves both.

/// Everything in this package but `kept`, folder by folder: a target that has two folders begins above both.
func everything(but kept: [String]) -> [String] {
    let folders = Set(kept.flatMap { path in path.indices.filter { path[$0] == "/" }.map { String(path[..<$0]) } })
    return ([""] + folders).flatMap { folder in
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(Context.packageDirectory)/\(folder)")) ?? []
        return names.map { folder.isEmpty ? $0 : "\(folder)/\($0)" }
    }.filter { !folders.contains($0) && !kept.contains($0) }.sorted()
}

/// The sources of a tool without its main, and its hot paths with them in one module: they are compiled as in the tool, not from without.
func paths(_ name: String, of tool: Target, without main: String) -> Target {
    let folders = [tool.path!, "Tests/Benchmarks/\(name)"]
    return .target(
        name: name, dependencies: tool.dependencies + ["BenchSupport"], path: ".",
        exclude: everything(but: folders) + ["\(tool.path!)/\(main)"], sources: folders, swiftSettings: tool.swiftSettings)
}

if Context.environment["MKTPIPE_BENCH"] != nil {
    let mains = [
        "pm-feed": ("PolymarketPaths", "PMFeed.swift"), "kalshi-feed": ("KalshiPaths", "KalshiFeed.swift"),
        "mkt-merge": ("MergePaths", "MktMerge.swift"), "mkt-decide": ("DecidePaths", "MktDecide.swift"),
        "mkt-sink": ("SinkPaths", "MktSink.swift"),
    ]
    let tools = package.targets.compactMap { tool in mains[tool.name].map { paths($0.0, of: tool, without: $0.1) } }
    package.targets.removeAll { $0.type == .executable || $0.type == .test }
    package.targets += tools
    package.targets += [
        .target(name: "CallgrindMarks", path: "Tests/Benchmarks/CallgrindMarks"),
        .target(
            name: "BenchSupport", dependencies: ["CallgrindMarks", "CountedAllocation", "JSON", "MarketModel"],
            path: "Tests/Benchmarks/BenchSupport", swiftSettings: settings),
        .executableTarget(
            name: "mkt-bench",
            dependencies: tools.map { .target(name: $0.name) }
                + ["BenchSupport", "FeedSession", "JSON", "MarketModel", "WebSocket", "UnixTool", arguments, logging],
            path: "Tests/Benchmarks/mkt-bench", swiftSettings: settings),
    ]
}
