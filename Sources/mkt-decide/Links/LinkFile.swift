import TOML
import UnixTool

/// Reads links: CSV, or TOML where the file's name ends so.
enum LinkFile {
    static func read(_ path: String) throws(ToolFailure) -> LinkSet {
        guard let text = try TextFile.read(path) else {
            throw ToolFailure(.configuration, "links file \(path) does not exist; check --links")
        }
        return try parse(text, path: path)
    }

    static func parse(_ text: String, path: String) throws(ToolFailure) -> LinkSet {
        try LinkSet(path.hasSuffix(".toml") ? try tomlRows(text, path) : try csvRows(text, path))
    }

    // MARK: CSV

    private static func csvRows(_ text: String, _ path: String) throws(ToolFailure) -> [LinkRow] {
        var lines = CSVLines(text, path: path)
        guard let head = try lines.next() else {
            throw ToolFailure(.configuration, "\(path):1: the file is empty; its first line names the columns: \(columnLine)")
        }
        var columns: [String] = []
        for name in head.fields {
            try LinkRow.checkColumn(name, path: path, line: head.line)
            guard !columns.contains(name) else {
                throw ToolFailure(.configuration, "\(path):\(head.line): column '\(name)' stands twice; take one out")
            }
            columns.append(name)
        }
        for name in Link.columns where !columns.contains(name) {
            throw ToolFailure(.configuration, "\(path):\(head.line): column '\(name)' is missing; the first line is \(columnLine)")
        }
        var rows: [LinkRow] = []
        while let record = try lines.next() {
            guard record.fields.count == columns.count else {
                throw ToolFailure(
                    .configuration,
                    "\(path):\(record.line): \(record.fields.count) fields where the first line has \(columns.count); "
                        + "quote fields that hold commas")
            }
            rows.append(
                LinkRow(path: path, line: record.line, values: Dictionary(uniqueKeysWithValues: zip(columns, record.fields))))
        }
        return rows
    }

    private static var columnLine: String { Link.columns.joined(separator: ",") }

    // MARK: TOML

    private static func tomlRows(_ text: String, _ path: String) throws(ToolFailure) -> [LinkRow] {
        let root: TOMLTable
        do {
            root = try TOMLDocument.parse(text)
        } catch {
            throw ToolFailure(.configuration, "\(path):\(error.line): not TOML: \(error.reason)")
        }
        for (key, value) in root.entries where key != "links" {
            throw ToolFailure(.configuration, "\(path):\(value.line): a links file holds only [[links]] tables, not '\(key)'")
        }
        guard let list = root["links"] else { return [] }
        guard let elements = list.array else {
            throw ToolFailure(.configuration, "\(path):\(list.line): links is \(list.kindName); write [[links]] tables")
        }
        var rows: [LinkRow] = []
        for element in elements { rows.append(try row(element, path)) }
        return rows
    }

    private static func row(_ element: TOMLValue, _ path: String) throws(ToolFailure) -> LinkRow {
        guard let table = element.table else {
            throw ToolFailure(.configuration, "\(path):\(element.line): a link is \(element.kindName); write a [[links]] table")
        }
        var values: [String: String] = [:]
        for (key, value) in table.entries {
            try LinkRow.checkColumn(key, path: path, line: value.line)
            switch value.content {
            case .string(let text): values[key] = text
            case .integer where key == "confidence", .decimal where key == "confidence": values[key] = value.number
            default:
                throw ToolFailure(.configuration, "\(path):\(value.line): \(key) is \(value.kindName); give a text in quotes")
            }
        }
        return LinkRow(path: path, line: element.line, values: values)
    }
}
