import Postgres
public import UnixTool

/// Where reference data comes from: `postgres://…` (or `postgresql://…`), or `sqlite:FILE`.
public struct ReferenceSource: Equatable, Sendable {
    enum Kind: Equatable, Sendable {
        case postgres(PostgresAddress)
        case sqlite(path: String)
    }

    let kind: Kind

    /// For messages about a text that is none.
    public static let expectation = "postgres://HOST/DATABASE or sqlite:FILE"

    /// - Parameter isFlag: Whether it was typed on the command line, which every user of the machine can see.
    public init(_ text: String, isFlag: Bool) throws(ToolFailure) {
        let status = isFlag ? ExitStatus.usage : .configuration
        if text.hasPrefix("sqlite:") {
            let path = String(text.dropFirst("sqlite:".count))
            guard !path.isEmpty else { throw ToolFailure(status, "the database sqlite: names no file; give sqlite:FILE") }
            kind = .sqlite(path: path)
            return
        }
        guard text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") else {
            // What it is instead may well hold a password.
            throw ToolFailure(status, "the database is neither postgres:// nor sqlite:; give \(ReferenceSource.expectation)")
        }
        guard let address = PostgresAddress(text) else {
            throw ToolFailure(
                status,
                "the postgres:// address of the database cannot be understood; give \(ReferenceSource.expectation), and write @ / : ? # % "
                    + "in a name or password as %40 %2F %3A %3F %23 %25")
        }
        guard !isFlag || !address.hasPassword else {
            throw ToolFailure(
                .usage,
                "the address of \(address) holds a password, and every user of this machine can read a command line; take it out, and give it "
                    + "in PGPASSWORD or ~/.pgpass, or all of the address in the environment variable MKT_DECIDE_DB or MKT_DB")
        }
        kind = .postgres(address)
    }

    /// Whether the address holds a password, so that the file in which it stands must be its owner's alone.
    public var hasPassword: Bool {
        if case .postgres(let address) = kind { address.hasPassword } else { false }
    }

}

/// What may be shown: no user, no password, no options.
extension ReferenceSource: CustomStringConvertible, CustomDebugStringConvertible {
    public var description: String {
        switch kind {
        case .postgres(let address): "\(address)"
        case .sqlite(let path): "sqlite:\(path)"
        }
    }

    public var debugDescription: String { description }
}
