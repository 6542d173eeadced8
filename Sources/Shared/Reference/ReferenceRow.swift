import JSON
import UnixTool

/// Reads the columns of a row; every fault names the query, the row and the fix.
struct ReferenceRow {
    let query: ReferenceQuery
    /// Counted from 1, in the order of the result.
    let number: Int64
    /// The cell in a column.
    let cell: (Int) -> ReferenceCell

    func failure(_ message: String) -> ToolFailure {
        ToolFailure(.configuration, "query \(query.rawValue), row \(number): \(message)")
    }

    private func name(_ column: Int) -> String { query.columns[column] }

    /// The bytes of a text or a whole number; a column that says nothing, or cannot say it exactly, is a fault.
    private func withText<Value>(
        _ column: Int, _ use: (UnsafeBufferPointer<UInt8>) throws(ToolFailure) -> Value
    ) throws(ToolFailure) -> Value {
        switch cell(column) {
        case .text(let bytes): return try use(bytes)
        case .integer(let value):
            var digits = ByteBuffer(capacity: 24)
            digits.append(integer: value)
            return try use(digits.bytes)
        case .null: throw failure("\(name(column)) is NULL; fill it, or leave such rows out of the query")
        case .float:
            throw failure(
                "\(name(column)) is binary floating point, which is not exact; store it as numeric (PostgreSQL) or TEXT (SQLite), or cast it"
            )
        case .blob: throw failure("\(name(column)) is a blob; store it as text")
        }
    }

    /// A text, as it stands.
    func text(_ column: Int) throws(ToolFailure) -> String {
        try withText(column) { bytes throws(ToolFailure) in
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw failure("\(name(column)) is not UTF-8; store it as UTF-8")
            }
            return text
        }
    }

    /// A text that names something.
    func name(at column: Int) throws(ToolFailure) -> String {
        let text = try text(column)
        guard !text.isEmpty else { throw failure("\(name(column)) is empty; fill it, or leave such rows out of the query") }
        return text
    }

    /// A decimal in millionths.
    func decimal(_ column: Int) throws(ToolFailure) -> Int64 {
        try withText(column) { bytes throws(ToolFailure) in
            do throws(Decimal6.Fault) {
                return try Decimal6.parse(JSONText(bytes))
            } catch {
                let reason =
                    switch error {
                    case .notANumber: "no number; give plain digits, such as 0.5"
                    case .tooPrecise:
                        "more exact than six decimals, and nothing is rounded here; round it in the query or where it is stored"
                    case .outOfRange: "beyond what is counted in millionths of 64 bits; store it in another unit"
                    }
                throw failure("\(name(column)) '\(shown(bytes))' is \(reason)")
            }
        }
    }

    /// A whole number.
    func integer(_ column: Int) throws(ToolFailure) -> Int64 {
        try withText(column) { bytes throws(ToolFailure) in
            guard let value = JSONText(bytes).integer else {
                throw failure("\(name(column)) '\(shown(bytes))' is no whole number; give microseconds since 1970")
            }
            return value
        }
    }

    /// The beginning of a value for a message.
    private func shown(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        String(decoding: bytes.prefix(40), as: UTF8.self) + (bytes.count > 40 ? "…" : "")
    }
}
