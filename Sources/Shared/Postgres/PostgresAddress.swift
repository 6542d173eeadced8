internal import CPostgres

/// A connection URI (<https://www.postgresql.org/docs/current/libpq-connect.html>) as libpq reads it.
///
/// What may be shown of it is the description; the text itself may hold a password.
public struct PostgresAddress: Equatable, Sendable {
    /// As it was given.
    public let text: String
    /// Whether it holds a password, of the user or of a key.
    public let hasPassword: Bool
    private let shown: String

    /// Nil where libpq does not understand the text, or understands something else than was meant: a password with a bare `@` or `/` in
    /// it would be taken for a host or a database, which messages name.
    public init?(_ text: String) {
        guard text.hasPrefix("postgres://") || text.hasPrefix("postgresql://"), let options = PostgresAddress.options(text) else {
            return nil
        }
        let (host, port, database) = (options["host"] ?? "", options["port"] ?? "", options["dbname"] ?? "")
        guard ![host, port, database, options["hostaddr"] ?? ""].contains(where: { $0.contains("@") }),
            port.allSatisfy({ $0.isASCII && $0.isNumber || $0 == "," })
        else { return nil }
        self.text = text
        hasPassword = !(options["password"] ?? "").isEmpty || !(options["sslpassword"] ?? "").isEmpty
        let isFolder = host.hasPrefix("/")
        shown =
            "postgres://" + (isFolder ? "" : host) + (port.isEmpty || isFolder ? "" : ":\(port)") + "/\(database)"
            + (isFolder ? "?host=\(host)" + (port.isEmpty ? "" : "&port=\(port)") : "")
    }

    /// The database that is meant with what the environment and a service file add: host, port, database, and options such as a search path.
    public var resolved: String {
        var options = PostgresAddress.options(text) ?? [:]
        if let list = PQconndefaults() {
            defer { PQconninfoFree(list) }
            var entry = list
            while let keyword = entry.pointee.keyword {
                let name = String(cString: keyword)
                if options[name] == nil, let value = entry.pointee.val { options[name] = String(cString: value) }
                entry += 1
            }
        }
        func value(_ name: String) -> String? { options[name].flatMap { $0.isEmpty ? nil : $0 } }
        let words = [("service", value("service")), ("options", value("options"))].compactMap { name, value in
            value.map { " \(name)=\($0)" }
        }
        return "postgres://\(value("host") ?? value("hostaddr") ?? ""):\(value("port") ?? "")/\(value("dbname") ?? value("user") ?? "")"
            + words.joined()
    }

    /// The options that the text itself says; nil where it is no connection string.
    private static func options(_ text: String) -> [String: String]? {
        // The fault's text repeats parts of the address, so nobody gets it.
        var fault: UnsafeMutablePointer<CChar>?
        let list = PQconninfoParse(text, &fault)
        if let fault { PQfreemem(fault) }
        guard let list else { return nil }
        defer { PQconninfoFree(list) }
        var options: [String: String] = [:]
        var entry = list
        while let keyword = entry.pointee.keyword {
            if let value = entry.pointee.val { options[String(cString: keyword)] = String(cString: value) }
            entry += 1
        }
        return options
    }
}

/// Host, port and database: neither user, nor password, nor any other option.
extension PostgresAddress: CustomStringConvertible, CustomDebugStringConvertible {
    public var description: String { shown }
    public var debugDescription: String { shown }
}
