import Postgres

/// Where lines go, as `--to` spells it.
enum TargetAddress: Equatable, Sendable {
    case sqlite(path: String)
    case ndjson(directory: String)
    case standardOutput
    case postgres(PostgresAddress)
    /// Standard output, for eyes.
    case table

    /// For messages about a text that is none.
    static let expectation =
        "sqlite:FILE, postgres://HOST/DATABASE, ndjson:DIR, table or -, such as sqlite:mkt.db, postgres:///markets, ndjson:archive"

    /// What counters call it.
    var kind: String {
        switch self {
        case .sqlite: "sqlite"
        case .ndjson: "ndjson"
        case .standardOutput: "stdout"
        case .postgres: "postgres"
        case .table: "table"
        }
    }

    /// Whether `--spool` is for it.
    var isDatabase: Bool {
        switch self {
        case .sqlite, .postgres: true
        case .ndjson, .standardOutput, .table: false
        }
    }

    init?(_ text: String) {
        if text == "-" {
            self = .standardOutput
        } else if text == "table" {
            self = .table
        } else if let path = TargetAddress.rest(of: text, after: "sqlite:") {
            self = .sqlite(path: path)
        } else if let path = TargetAddress.rest(of: text, after: "ndjson:") {
            // Programs must not take it for an option.
            self = .ndjson(directory: path.hasPrefix("-") ? "./" + path : path)
        } else if let address = PostgresAddress(text) {
            self = .postgres(address)
        } else {
            return nil
        }
    }

    private static func rest(of text: String, after scheme: String) -> String? {
        guard text.hasPrefix(scheme), text.utf8.count > scheme.utf8.count else { return nil }
        return String(text.dropFirst(scheme.count))
    }
}
