internal import CPostgres

/// A row that is just passing: good only inside the call to which it is handed.
public struct PostgresRow {
    private let result: OpaquePointer
    public let columnCount: Int

    init(_ result: OpaquePointer) {
        self.result = result
        columnCount = Int(PQnfields(result))
    }

    /// The value in a column (counted from 0) as the server spells it, in UTF-8; nil for NULL.
    public func bytes(_ column: Int) -> UnsafeBufferPointer<UInt8>? {
        guard PQgetisnull(result, 0, Int32(column)) == 0, let value = PQgetvalue(result, 0, Int32(column)) else { return nil }
        let count = Int(PQgetlength(result, 0, Int32(column)))
        // libpq keeps the bytes as long as the row.
        return UnsafeBufferPointer(start: UnsafeRawPointer(value).assumingMemoryBound(to: UInt8.self), count: count)
    }

    /// The same as a text of its own.
    public func text(_ column: Int) -> String? {
        bytes(column).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Whether the column is binary floating point (`real`, `double precision`), whose text is only near to what was stored.
    public func isBinaryFloat(_ column: Int) -> Bool {
        let (float4, float8): (Oid, Oid) = (700, 701)  // of pg_type.dat
        let type = PQftype(result, Int32(column))
        return type == float4 || type == float8
    }
}
