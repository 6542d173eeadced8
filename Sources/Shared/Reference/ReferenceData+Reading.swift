public import JSON
import UnixTool

extension ReferenceData {
    /// Reads what `write` wrote, also where it was spelled anew on the way; its version must be that of its content.
    public init(json: JSONText) throws(JSONFault) {
        let told: String
        let data: ReferenceData
        do {
            var reader = Reader()
            try reader.read(json)
            guard let version = reader.version else { throw JSONFault.badKey("version") }
            told = version
            data = try ReferenceData(
                links: reader.links.required("links"), parameters: reader.parameters.required("parameters"),
                values: reader.values.required("values"), history: reader.history.required("history"))
        } catch let error as JSONError {
            throw .notJSON(error)
        } catch let fault as JSONFault {
            throw fault
        } catch {
            // A row that stands twice, or too many of them: not what was written.
            throw .otherVersion
        }
        guard data.version == told else { throw .otherVersion }
        self = data
    }

    /// Collects the keys; unknown ones are passed over.
    private struct Reader {
        var version: String?
        var links: [[String]]?
        var parameters: [Parameter]?
        var values: [Value]?
        var history: [HistoryStatistics]?

        mutating func read(_ json: JSONText) throws {
            var scanner = JSONScanner(json)
            try scanner.beginObject()
            while let key = try scanner.nextKey() {
                switch key.string {
                case "version": version = try scanner.string().string
                case "links": links = try rows(&scanner, "links", columnCount: ReferenceQuery.links.columns.count)
                case "parameters":
                    parameters = try rows(&scanner, "parameters", columnCount: 3).map { Parameter(rule: $0[0], key: $0[1], value: $0[2]) }
                case "values": values = try rows(&scanner, "values", columnCount: 4).map(value)
                case "history":
                    var entries: [HistoryStatistics] = []
                    try scanner.beginArray()
                    while try scanner.nextElement() { entries.append(try statistics(&scanner)) }
                    history = entries
                default: try scanner.skipValue()
                }
            }
            try scanner.finish()
        }

        private func rows(_ scanner: inout JSONScanner, _ key: String, columnCount: Int) throws -> [[String]] {
            var rows: [[String]] = []
            try scanner.beginArray()
            while try scanner.nextElement() {
                var row: [String] = []
                try scanner.beginArray()
                while try scanner.nextElement() { row.append(try scanner.numberOrString().string) }
                guard row.count == columnCount else { throw JSONFault.badKey(key) }
                rows.append(row)
            }
            return rows
        }

        private func value(_ row: [String]) throws -> Value {
            var text = row[3]
            let millionths = try? text.withUTF8 { try Decimal6.parse(JSONText($0)) }
            guard let millionths else { throw JSONFault.badKey("values") }
            return Value(venue: row[0], instrument: row[1], name: row[2], millionths: millionths)
        }

        private func statistics(_ scanner: inout JSONScanner) throws -> HistoryStatistics {
            var texts: [String: String] = [:]
            try scanner.beginObject()
            while let key = try scanner.nextKey() { texts[key.string] = try scanner.numberOrString().string }
            func number<Number: FixedWidthInteger>(_ key: String) throws -> Number {
                guard let value = texts[key].flatMap({ Number($0) }) else { throw JSONFault.badKey(key) }
                return value
            }
            let statistics = HistoryStatistics(
                venue: try texts["venue"].required("venue"), instrument: try texts["instrument"].required("instrument"),
                windowMicros: try number("window_us"), count: try number("count"), sum: try number("sum"),
                squareSum: try number("square_sum"), oldestMicros: try number("oldest_us"), newestMicros: try number("newest_us"))
            guard statistics.isPossible else { throw JSONFault.badKey("history") }
            return statistics
        }
    }
}

extension Optional {
    /// The value of a key that must be there.
    fileprivate func required(_ key: String) throws(ReferenceData.JSONFault) -> Wrapped {
        guard let self else { throw .badKey(key) }
        return self
    }
}
