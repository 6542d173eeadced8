import JSON

/// Rows of one table in PostgreSQL's binary COPY format (<https://www.postgresql.org/docs/current/sql-copy.html>, "Binary Format").
struct CopyRows: ~Copyable {
    private(set) var bytes = ByteBuffer(capacity: 1 << 16)
    private(set) var count: Int64 = 0

    /// Where the row that was begun last begins.
    private var rowStart = 0

    init() { removeAll() }

    mutating func removeAll() {
        bytes.removeAll()
        bytes.append("PGCOPY\n")
        bytes.append(0xFF)
        bytes.append("\r\n")
        bytes.append(0)
        append(big: Int32(0))
        append(big: Int32(0))
        count = 0
    }

    mutating func beginRow(columns: Int) {
        rowStart = bytes.count
        append(big: Int16(columns))
        count += 1
    }

    /// Takes the row back that was begun last.
    mutating func dropRow() {
        bytes.truncate(to: rowStart)
        count -= 1
    }

    /// Writes the end, behind which no row may come before `removeAll`.
    mutating func end() { append(big: Int16(-1)) }

    /// Takes the end back.
    mutating func reopen() { bytes.truncate(to: bytes.count - 2) }

    mutating func appendNull() { append(big: Int32(-1)) }

    mutating func append(bigint value: Int64) {
        append(big: Int32(8))
        append(big: value)
    }

    mutating func append(integer value: Int32) {
        append(big: Int32(4))
        append(big: value)
    }

    mutating func append(boolean value: Bool) {
        append(big: Int32(1))
        bytes.append(value ? 1 : 0)
    }

    mutating func append(text: UnsafeBufferPointer<UInt8>) {
        append(big: Int32(text.count))
        bytes.append(text)
    }

    mutating func append(uuid: (UInt64, UInt64)) {
        append(big: Int32(16))
        append(big: uuid.0)
        append(big: uuid.1)
    }

    /// A one-dimensional array of bigint.
    mutating func append(bigints values: [Int64]) {
        let bigintType: Int32 = 20  // of pg_type.dat
        append(big: Int32(values.isEmpty ? 12 : 20 + 12 * values.count))
        append(big: Int32(values.isEmpty ? 0 : 1))
        append(big: Int32(0))
        append(big: bigintType)
        guard !values.isEmpty else { return }
        append(big: Int32(values.count))
        append(big: Int32(1))
        for value in values { append(bigint: value) }
    }

    private mutating func append<Value: FixedWidthInteger>(big value: Value) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append($0.bindMemory(to: UInt8.self)) }
    }
}
