import Postgres
import UnixTool

/// Numbers of names in the table `mkt_texts`, each put there once, in a transaction of its own: a batch may fail, its names stay.
final class PostgresNames {
    /// A longer name would not fit into an index.
    static let nameBytesMax = 2000
    private static let warmedMax = 1 << 16

    private var cache = NameCache()
    /// By number, below this bound: the batch that used the name last.
    private var marks: [UInt32] = []
    private static let marksMax: Int64 = 1 << 22
    private var batch: UInt32 = 1
    /// The names that the batch uses; beyond the marks some of them more than once.
    private var used: [(number: Int64, text: String)] = []
    /// Those of the batch before, which is being stored.
    private var flying: [(number: Int64, text: String)] = []

    /// Takes in what is there, in the place of what was known: a session may be one with another database, or with an older state of it.
    func warm(_ connection: PostgresConnection) throws {
        cache = NameCache()
        try connection.stream("SELECT text_id, text FROM mkt_texts ORDER BY text_id DESC LIMIT \(PostgresNames.warmedMax)") { row in
            guard let id = row.text(0).flatMap(Int64.init), let text = row.bytes(1) else { return }
            cache.keep(text, id)
        }
    }

    /// The number of a name that is known; it is noted as used.
    @inline(__always)
    func known(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
        guard let number = cache.find(text) else { return nil }
        note(number, text)
        return number
    }

    @inline(__always)
    private func note(_ number: Int64, _ text: UnsafeBufferPointer<UInt8>) {
        if number < Int64(marks.count), marks[Int(number)] == batch { return }
        noteFirst(number, text)
    }

    private func noteFirst(_ number: Int64, _ text: UnsafeBufferPointer<UInt8>) {
        if number >= 0, number < PostgresNames.marksMax {
            if number >= Int64(marks.count) { marks += Array(repeating: 0, count: Int(number) + 1024 - marks.count) }
            marks[Int(number)] = batch
        }
        used.append((number, String(decoding: text, as: UTF8.self)))
    }

    /// The batch before is stored.
    func endFlight() { flying.removeAll(keepingCapacity: true) }

    /// Another batch begins, while the one before is being stored.
    func beginBatch() {
        batch &+= 1
        if batch == 0 {
            marks.removeAll()
            batch = 1
        }
        swap(&used, &flying)
        used.removeAll(keepingCapacity: true)
    }

    /// Whether the names that the batches use, the one that is being stored too, have the same numbers in this session.
    func areSame(_ connection: PostgresConnection) throws -> Bool {
        let used = used + flying
        guard !used.isEmpty else { return true }
        let numbers = "{" + used.map { "\($0.number)" }.joined(separator: ",") + "}"
        let texts = "{" + used.map { PostgresNames.quoted($0.text) }.joined(separator: ",") + "}"
        let rows = try connection.query(
            """
            SELECT count(*) FROM unnest($1::bigint[], $2::text[]) AS used (number, text)
                LEFT JOIN mkt_texts AS told ON told.text_id = used.number AND told.text = used.text WHERE told.text_id IS NULL
            """, [numbers, texts])
        return rows.first?.first == "0"
    }

    /// An element of an array literal.
    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    /// Looks a name up, or makes its number.
    func number(of text: UnsafeBufferPointer<UInt8>, _ connection: PostgresConnection) throws -> Int64 {
        if let number = known(text) { return number }
        let name = String(decoding: text, as: UTF8.self)
        // Another sink may be quicker between the look and the insert, so it is looked up again.
        let find = "SELECT text_id FROM mkt_texts WHERE text = $1"
        for _ in 0..<3 {
            if let id = try connection.query(find, [name]).first?.first.flatMap({ $0 }).flatMap(Int64.init) {
                cache.keep(text, id)
                note(id, text)
                return id
            }
            _ = try connection.query("INSERT INTO mkt_texts (text) VALUES ($1) ON CONFLICT DO NOTHING", [name])
        }
        throw ToolFailure(.unavailable, "a name that was put into mkt_texts is not there; look for triggers or rules on that table")
    }
}
