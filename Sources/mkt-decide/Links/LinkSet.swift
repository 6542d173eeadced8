import OpenSSL
import UnixTool

/// The links of a file: those that count, and how many do not.
struct LinkSet: Sendable {
    static let none = LinkSet(approved: [], pendingCount: 0, rejectedCount: 0)

    /// In their order (`Link.precedes`).
    let approved: [Link]
    let pendingCount: Int
    let rejectedCount: Int
    /// SHA-256, in hex, of the approved ones in canonical form.
    let hash: String

    private init(approved: [Link], pendingCount: Int, rejectedCount: Int) {
        self.approved = approved.sorted(by: Link.precedes)
        self.pendingCount = pendingCount
        self.rejectedCount = rejectedCount
        var text = self.approved.map { $0.canonicalText + "\n" }.joined()
        hash = text.withUTF8 { Digest.hex(.sha256, of: $0) }
    }

    /// - Parameter rows: Every link of a file with its line.
    init(_ rows: [LinkRow]) throws(ToolFailure) {
        var links: [Link] = []
        var lines: [Set<Link.End>: Int] = [:]
        for row in rows {
            let link = try Link(row)
            if let earlier = lines.updateValue(row.line, forKey: Set(link.ends)) {
                throw row.failure("links the instruments of line \(earlier) again; take one of the two out")
            }
            links.append(link)
        }
        self.init(
            approved: links.filter { $0.status == .approved }, pendingCount: links.count { $0.status == .pending },
            rejectedCount: links.count { $0.status == .rejected })
    }

    /// Not even one that does not count.
    var isEmpty: Bool { approved.isEmpty && pendingCount + rejectedCount == 0 }

    /// For `--check`.
    var report: String {
        "links: \(approved.count) approved, \(pendingCount) pending, \(rejectedCount) rejected, sha256 \(hash)\n"
            + approved.map { "\($0.summary) (confidence \(ExactText.millionths($0.confidence)))\n" }.joined()
    }
}
