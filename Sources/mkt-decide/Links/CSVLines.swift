import UnixTool

/// The records of a CSV text (RFC 4180), one a line: fields in quotes may hold commas and doubled quotes, but no line breaks.
struct CSVLines {
    struct Record: Equatable {
        /// Counted from 1.
        let line: Int
        let fields: [String]
    }

    private let path: String
    private var rest: ArraySlice<UInt8>
    private var line = 0

    init(_ text: String, path: String) {
        self.path = path
        var bytes = Array(text.utf8)[...]
        // A byte order mark, as spreadsheets write it.
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
        rest = bytes
    }

    /// The next record, blank lines passed over; nil at the end.
    mutating func next() throws(ToolFailure) -> Record? {
        while !rest.isEmpty {
            line += 1
            var text = rest.prefix { $0 != UInt8(ascii: "\n") }
            rest = rest.dropFirst(text.count + 1)
            if text.last == UInt8(ascii: "\r") { text.removeLast() }
            guard !text.isEmpty else { continue }
            return Record(line: line, fields: try fields(text))
        }
        return nil
    }

    private func fields(_ text: ArraySlice<UInt8>) throws(ToolFailure) -> [String] {
        var fields: [String] = []
        var rest = text
        while true {
            fields.append(try field(&rest))
            guard let separator = rest.popFirst() else { return fields }
            guard separator == UInt8(ascii: ",") else {
                throw failure("text behind a closing quote; double quotes inside a quoted field, or quote all of it")
            }
        }
    }

    /// One field, up to its comma.
    private func field(_ rest: inout ArraySlice<UInt8>) throws(ToolFailure) -> String {
        let quote = UInt8(ascii: "\"")
        guard rest.first == quote else {
            let plain = rest.prefix { $0 != UInt8(ascii: ",") }
            guard !plain.contains(quote) else { throw failure("a quote inside a field; put all of the field in quotes and double it") }
            rest = rest.dropFirst(plain.count)
            return String(decoding: plain, as: UTF8.self)
        }
        rest.removeFirst()
        var field: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte != quote {
                field.append(byte)
            } else if rest.first == quote {
                field.append(quote)
                rest.removeFirst()
            } else {
                return String(decoding: field, as: UTF8.self)
            }
        }
        throw failure("a quoted field has no end; close it on its line")
    }

    private func failure(_ message: String) -> ToolFailure {
        ToolFailure(.configuration, "\(path):\(line): \(message)")
    }
}
