import JSON
import Postgres
import UnixTool

/// A database of `postgres://`, in one transaction that only reads.
final class PostgresBookStore: BookStore {
    let texts = "mkt_texts"
    let isPartedByTime = true
    private let connection: PostgresConnection

    /// Connects, and looks whether the tables are there.
    init(_ address: PostgresAddress) throws {
        do {
            connection = try PostgresConnection(address, limits: PostgresTarget.limits, access: .reading)
            // Everything that is read from here on is of one state of the database.
            _ = try connection.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            guard try PostgresTarget.checkNewer(connection, address) != nil else {
                throw ToolFailure(
                    .unavailable, "\(address) has no tables of mktpipe; make them, as their owner: mkt-sink --init --to ADDRESS")
            }
        } catch {
            throw PostgresBookStore.failure(error, address)
        }
    }

    func rows(_ sql: String, _ parameters: [Int64]) throws -> [[String?]] { try connection.query(sql, parameters.map { "\($0)" }) }

    func number(of name: String) throws -> Int64? {
        // It could not be stored, so no row has it.
        guard !name.utf8.contains(0) else { return nil }
        return try connection.query("SELECT text_id FROM mkt_texts WHERE text = $1", [name]).first?.first.flatMap { $0 }.flatMap(Int64.init)
    }

    func append(levels text: String, to buffer: inout ByteBuffer) { PostgresBookStore.append(pairs: text, to: &buffer) }

    /// Price and size by turns, in millionths: `{410000,100000000}`.
    static func append(pairs text: String, to buffer: inout ByteBuffer) {
        let numbers = text.dropFirst().dropLast().split(separator: ",").compactMap { Int64($0) }
        buffer.append(UInt8(ascii: "["))
        for place in stride(from: 0, to: numbers.count - 1, by: 2) {
            buffer.append(place > 0 ? ",[" : "[")
            buffer.append(millionths: numbers[place])
            buffer.append(UInt8(ascii: ","))
            buffer.append(millionths: numbers[place + 1])
            buffer.append(UInt8(ascii: "]"))
        }
        buffer.append(UInt8(ascii: "]"))
    }

    /// What PostgreSQL refused, as an exit status and a line that says what to do.
    static func failure(_ error: any Error, _ address: PostgresAddress) -> ToolFailure {
        guard let error = error as? PostgresError else { return PostgresTarget.failure(error, address) }
        if error.sqlState == "42501" {
            return ToolFailure(.credentialsRefused, "\(address): \(error); let its owner grant mkt_reader to this user")
        }
        guard PostgresTarget.isPassing(error) else { return PostgresTarget.failure(error, address) }
        return ToolFailure(.tryLater, "\(address): \(error); try again later")
    }
}
