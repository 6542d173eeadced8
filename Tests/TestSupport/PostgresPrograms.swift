import Glibc

/// The programs of PostgreSQL that the system has, of the newest version, and how they are run.
struct PostgresPrograms {
    /// As whom, where we are root.
    let user: (uid: uid_t, gid: gid_t)?
    private let folder: String

    init() throws {
        folder = try PostgresPrograms.folder()
        user = geteuid() == 0 ? try PostgresPrograms.unprivileged() : nil
    }

    /// The words that run a program.
    func command(_ name: String, _ arguments: [String]) -> [String] {
        let words = ["\(folder)/\(name)"] + arguments
        guard let user else { return words }
        return ["setpriv", "--reuid=\(user.uid)", "--regid=\(user.gid)", "--clear-groups"] + words
    }

    /// Debian has one folder for each version, others have them in the path.
    private static func folder() throws -> String {
        let versions = TemporaryFolder.names("/usr/lib/postgresql").compactMap { Int($0) }.sorted(by: >)
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        let folders = versions.map { "/usr/lib/postgresql/\($0)/bin" } + path.split(separator: ":").map(String.init)
        guard let folder = folders.first(where: { access("\($0)/initdb", X_OK) == 0 && access("\($0)/postgres", X_OK) == 0 }) else {
            throw TestFault("no PostgreSQL server on this machine (packaging/packages.txt); apt-get install postgresql")
        }
        return folder
    }

    private static func unprivileged() throws -> (uid: uid_t, gid: gid_t) {
        for name in ["postgres", "nobody"] {
            if let entry = getpwnam(name) { return (entry.pointee.pw_uid, entry.pointee.pw_gid) }
        }
        throw TestFault("no user to run PostgreSQL as: it refuses root")
    }
}
