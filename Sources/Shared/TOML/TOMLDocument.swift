import CTOML

/// Reads TOML 1.0 by the system's toml++ library.
///
/// Numbers keep their text: a threshold of `0.05` is never a binary floating point value on its way to millionths.
public enum TOMLDocument {
    /// The document's table.
    public static func parse(_ text: String) throws(TOMLError) -> TOMLTable {
        let builder = TOMLBuilder()
        var text = text
        text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                mkt_toml_walk(characters.baseAddress, characters.count, Unmanaged.passUnretained(builder).toOpaque()) {
                    context, event, key, keyCount, text, textCount, line in
                    guard let context else { return }
                    Unmanaged<TOMLBuilder>.fromOpaque(context).takeUnretainedValue().take(
                        event, key: TOMLDocument.string(key, keyCount), text: TOMLDocument.string(text, textCount),
                        line: Int(line))
                }
            }
        }
        if let error = builder.error { throw error }
        return builder.root
    }

    private static func string(_ characters: UnsafePointer<CChar>?, _ count: Int) -> String {
        guard let characters, count > 0 else { return "" }
        return characters.withMemoryRebound(to: UInt8.self, capacity: count) {
            String(decoding: UnsafeBufferPointer(start: $0, count: count), as: UTF8.self)
        }
    }
}

/// Puts the values of a walk together.
private final class TOMLBuilder {
    /// A table or array whose end has not come yet; only one of the two is used.
    private struct Open {
        var table = TOMLTable()
        var array: [TOMLValue] = []
        let isTable: Bool
    }

    private(set) var root = TOMLTable()
    private(set) var error: TOMLError?
    private var open: [Open] = []

    func take(_ event: mkt_toml_event, key: String, text: String, line: Int) {
        switch event {
        case MKT_TOML_TABLE_BEGIN: open.append(Open(isTable: true))
        case MKT_TOML_ARRAY_BEGIN: open.append(Open(isTable: false))
        case MKT_TOML_TABLE_END, MKT_TOML_ARRAY_END: close(key, line)
        case MKT_TOML_STRING: put(key, .string(text), line)
        case MKT_TOML_INTEGER: put(key, .integer(Int64(text) ?? 0), line)
        case MKT_TOML_DECIMAL: put(key, .decimal(text.filter { $0 != "_" }), line)
        case MKT_TOML_BOOLEAN: put(key, .bool(text == "true"), line)
        case MKT_TOML_TIME: put(key, .time(text), line)
        default: error = TOMLError(reason: text, line: line)
        }
    }

    private func close(_ key: String, _ line: Int) {
        let closed = open.removeLast()
        if open.isEmpty {
            root = closed.table
        } else {
            put(key, closed.isTable ? .table(closed.table) : .array(closed.array), line)
        }
    }

    private func put(_ key: String, _ content: TOMLValue.Content, _ line: Int) {
        let value = TOMLValue(content, line: line)
        let top = open.count - 1
        if open[top].isTable { open[top].table.append(key, value) } else { open[top].array.append(value) }
    }
}
