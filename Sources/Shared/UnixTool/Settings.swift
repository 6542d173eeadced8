import JSON
public import TOML

/// Looks every setting up where it may be said: flag, then environment, then file, then default.
///
/// Each look-up is noted with its origin for `--print-config`, and each key so that a misspelt one in the file is found.
public struct Settings: Sendable {
    /// One line of `--print-config`.
    public struct Resolved: Sendable {
        public let key: String
        public let value: String
        public let origin: String
    }

    public let tool: String
    private let environment: [String: String]
    /// Names before the key in the environment, the most particular first: `PM_FEED_`, `MKT_`.
    private let prefixes: [String]
    private let file: SettingsFile?
    public private(set) var resolved: [Resolved] = []

    public init(tool: String, environment: [String: String], file: SettingsFile?) {
        self.tool = tool
        self.environment = environment
        self.file = file
        let own = Settings.environmentName(tool) + "_"
        prefixes = [own, "MKT_"]
    }

    private static func environmentName(_ key: String) -> String {
        String(key.uppercased().map { $0 == "-" ? "_" : $0 })
    }

    /// A place where a value was found.
    private struct Found {
        let text: String
        let origin: String
        /// How the tool ends if the value is no use: what was typed now is wrong usage, what stood there is wrong configuration.
        let status: ExitStatus
    }

    private func find(_ key: String, flag: String?) throws(ToolFailure) -> Found? {
        if let flag { return Found(text: flag, origin: "flag --\(key)", status: .usage) }
        for prefix in prefixes {
            let name = prefix + Settings.environmentName(key)
            if let text = environment[name], !text.isEmpty {
                return Found(text: text, origin: "environment \(name)", status: .configuration)
            }
        }
        guard let file, let (value, place) = file.value(key, tool: tool) else { return nil }
        guard let text = value.plainText else {
            throw ToolFailure(.configuration, "\(place): \(key) is \(value.kindName); give one plain value")
        }
        return Found(text: text, origin: "file \(place)", status: .configuration)
    }

    private mutating func note(_ key: String, _ value: String, _ origin: String) {
        resolved.append(Resolved(key: key, value: Settings.masked(value), origin: origin))
    }

    /// The value without a password inside it: `postgres://me:****@host/db`, `password=****`.
    public static func masked(_ value: String) -> String {
        // Nearly every value: making the expressions ready costs more than all else that a start does.
        guard value.utf8.contains(where: { $0 == UInt8(ascii: "@") || $0 == UInt8(ascii: "=") }) else { return value }
        return value.replacing(/(:\/\/[^:\/@]*:).*@/) { "\($0.1)****@" }.replacing(/(password=)('.*|[^& ]*)/) { "\($0.1)****" }
    }

    private func wrong(_ found: Found, _ key: String, _ expectation: String) -> ToolFailure {
        ToolFailure(found.status, "\(key) is '\(Settings.masked(found.text))' (\(found.origin)); give \(expectation)")
    }

    /// A value that `parse` understands, or nil where it is said nowhere.
    public mutating func optional<Value>(
        _ key: String, flag: String?, expectation: String, _ parse: (String) -> Value?
    ) throws(ToolFailure) -> Value? {
        guard let found = try find(key, flag: flag) else {
            note(key, "", "default")
            return nil
        }
        guard let value = parse(found.text) else { throw wrong(found, key, expectation) }
        note(key, found.text, found.origin)
        return value
    }

    /// A value that `parse` understands, or the default, which is told as `defaultText`.
    public mutating func value<Value>(
        _ key: String, flag: String?, default defaultValue: Value, defaultText: String, expectation: String,
        _ parse: (String) -> Value?
    ) throws(ToolFailure) -> Value {
        guard let found = try find(key, flag: flag) else {
            note(key, defaultText, "default")
            return defaultValue
        }
        guard let value = parse(found.text) else { throw wrong(found, key, expectation) }
        note(key, found.text, found.origin)
        return value
    }

    public mutating func optionalText(_ key: String, flag: String?) throws(ToolFailure) -> String? {
        try optional(key, flag: flag, expectation: "a text") { $0.isEmpty ? nil : $0 }
    }

    public mutating func text(_ key: String, flag: String?, default defaultValue: String) throws(ToolFailure) -> String {
        try value(key, flag: flag, default: defaultValue, defaultText: defaultValue, expectation: "a text") {
            $0.isEmpty ? nil : $0
        }
    }

    /// One of a few words.
    public mutating func word(
        _ key: String, flag: String?, of words: [String], default defaultValue: String
    ) throws(ToolFailure) -> String {
        let expectation = words.count == 2 ? words.joined(separator: " or ") : "one of " + words.joined(separator: ", ")
        return try value(key, flag: flag, default: defaultValue, defaultText: defaultValue, expectation: expectation) {
            words.contains($0) ? $0 : nil
        }
    }

    /// A span of time in microseconds.
    public mutating func span(_ key: String, flag: String?, default micros: Int64) throws(ToolFailure) -> Int64 {
        try value(
            key, flag: flag, default: micros, defaultText: Durations.text(micros), expectation: Durations.expectation,
            Durations.micros)
    }

    public mutating func optionalSpan(_ key: String, flag: String?) throws(ToolFailure) -> Int64? {
        try optional(key, flag: flag, expectation: Durations.expectation, Durations.micros)
    }

    /// A whole number of things, not below `least`.
    public mutating func count(
        _ key: String, flag: String?, default defaultValue: Int64, least: Int64 = 0
    ) throws(ToolFailure) -> Int64 {
        try value(
            key, flag: flag, default: defaultValue, defaultText: "\(defaultValue)",
            expectation: "a whole number from \(least) up"
        ) { Int64($0).flatMap { $0 >= least ? $0 : nil } }
    }

    public mutating func optionalCount(_ key: String, flag: String?, least: Int64 = 0) throws(ToolFailure) -> Int64? {
        try optional(key, flag: flag, expectation: "a whole number from \(least) up") {
            Int64($0).flatMap { $0 >= least ? $0 : nil }
        }
    }

    /// A switch: the flag can only turn it on.
    public mutating func bool(_ key: String, flag: Bool) throws(ToolFailure) -> Bool {
        try value(key, flag: flag ? "true" : nil, default: false, defaultText: "false", expectation: "true or false") {
            switch $0 {
            case "true", "1", "yes": true
            case "false", "0", "no": false
            default: nil
            }
        }
    }

    /// A secret from the environment only; told masked.
    public mutating func secret(_ name: String) -> String? {
        let value = environment[name].flatMap { $0.isEmpty ? nil : $0 }
        note(name, value == nil ? "" : "****", value == nil ? "default" : "environment \(name)")
        return value
    }

    /// A variable that has no flag and no place in the file, and is no secret.
    public mutating func variable(_ name: String) -> String? {
        let value = environment[name].flatMap { $0.isEmpty ? nil : $0 }
        note(name, value ?? "", value == nil ? "default" : "environment \(name)")
        return value
    }

    /// The whole of a table of the file that is not settings, such as `rules`.
    public func table(_ name: String) -> TOMLTable? { file?.root[name]?.table }

    /// Whether a setting that was looked up stands in the file.
    public func isOfFile(_ key: String) -> Bool { resolved.last { $0.key == key }?.origin.hasPrefix("file ") ?? false }

    /// Where the file is, for messages.
    public var filePath: String? { file?.path }

    /// Refuses keys of the tool's own table that nobody asked for.
    public func checkUnknownKeys() throws(ToolFailure) {
        try file?.checkUnknownKeys(tool: tool, known: Set(resolved.map(\.key)))
    }

    /// `--print-config`: TOML with the origin behind each value.
    public var report: String {
        let width = resolved.map(\.key.count).max() ?? 0
        return resolved.map { entry in
            let key = entry.key + String(repeating: " ", count: width - entry.key.count)
            // JSON's spelling of a string is one of TOML's.
            var value = ByteBuffer()
            value.append(string: entry.value)
            return "\(key) = \(value.text.string)  # \(entry.origin)\n"
        }.joined()
    }
}
