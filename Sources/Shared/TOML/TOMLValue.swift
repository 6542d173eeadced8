/// A value of a TOML document and the line it stands on.
public struct TOMLValue: Sendable {
    public indirect enum Content: Sendable {
        case table(TOMLTable)
        case array([TOMLValue])
        case string(String)
        case integer(Int64)
        /// The number as it is written, underscores left off: what it means is for whoever knows its unit.
        case decimal(String)
        case bool(Bool)
        /// A date or time, as it is written.
        case time(String)
    }

    public var content: Content
    /// Counted from 1.
    public var line: Int

    public init(_ content: Content, line: Int) {
        self.content = content
        self.line = line
    }

    /// The kind, for messages: `a number`.
    public var kindName: String {
        switch content {
        case .table: "a table"
        case .array: "an array"
        case .string: "a string"
        case .integer: "a whole number"
        case .decimal: "a number"
        case .bool: "true or false"
        case .time: "a time"
        }
    }

    public var table: TOMLTable? {
        guard case .table(let table) = content else { return nil }
        return table
    }

    public var array: [TOMLValue]? {
        guard case .array(let values) = content else { return nil }
        return values
    }

    /// The digits of a number, whole or not.
    public var number: String? {
        switch content {
        case .integer(let value): String(value)
        case .decimal(let text): text
        default: nil
        }
    }

    /// The value as the shell would spell it: the inside of a string, or the number, or `true`; nil for tables and arrays.
    public var plainText: String? {
        switch content {
        case .string(let text), .time(let text): text
        case .integer, .decimal: number
        case .bool(let value): value ? "true" : "false"
        case .table, .array: nil
        }
    }
}

/// A table, in the order in which its author wrote it.
public struct TOMLTable: Sendable {
    public private(set) var entries: [(key: String, value: TOMLValue)] = []

    public init() {}

    public subscript(key: String) -> TOMLValue? {
        entries.first { $0.key == key }?.value
    }

    mutating func append(_ key: String, _ value: TOMLValue) {
        entries.append((key, value))
    }

    /// The table with a key that says something else, at its place, or at the end if it was not there.
    public func setting(_ key: String, to value: TOMLValue) -> TOMLTable {
        var table = self
        if let index = entries.firstIndex(where: { $0.key == key }) {
            table.entries[index].value = value
        } else {
            table.append(key, value)
        }
        return table
    }
}

/// A text is not TOML.
public struct TOMLError: Error, Sendable {
    public let reason: String
    /// Counted from 1; 0 where the fault has no place.
    public let line: Int
}
