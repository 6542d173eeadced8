import Postgres
import UnixTool

/// Numbers of names in the table `mkt_texts`, each put there once, in a transaction of its own: a batch may fail, its names stay.
final class PostgresNames {
    private let cache = NameCache()
    private static let warmedMax = 1 << 16

    /// Takes in what is there already, so that a run over known instruments asks nothing.
    func warm(_ connection: PostgresConnection) throws {
        try connection.stream("SELECT text_id, text FROM mkt_texts ORDER BY text_id DESC LIMIT \(PostgresNames.warmedMax)") { row in
            guard let id = row.text(0).flatMap(Int64.init), let text = row.bytes(1) else { return }
            cache.keep(text, id)
        }
    }

    @inline(__always)
    func known(_ text: UnsafeBufferPointer<UInt8>) -> Int64? { cache.find(text) }

    /// Looks a name up, or makes its number.
    func number(of text: UnsafeBufferPointer<UInt8>, _ connection: PostgresConnection) throws -> Int64 {
        if let number = cache.find(text) { return number }
        let name = String(decoding: text, as: UTF8.self)
        // Another sink may be quicker between the look and the insert, so it is looked up again.
        let find = "SELECT text_id FROM mkt_texts WHERE text = $1"
        for _ in 0..<3 {
            if let id = try connection.query(find, [name]).first?.first.flatMap({ $0 }).flatMap(Int64.init) {
                cache.keep(text, id)
                return id
            }
            _ = try connection.query("INSERT INTO mkt_texts (text) VALUES ($1) ON CONFLICT DO NOTHING", [name])
        }
        throw ToolFailure(.unavailable, "a name that was put into mkt_texts is not there; look for triggers or rules on that table")
    }
}
