internal import Glibc

/// The host and the port of an address (RFC 3986 §3.2.2, §3.2.3).
struct HostPort {
    /// A name in lower case, or an address; one of IPv6 without its brackets.
    let host: String
    /// Nil if there is none.
    let port: Int?

    /// Reads `host`, `host:port`, `[address]` or `[address]:port`, or nil.
    init?(_ text: some StringProtocol) {
        let end: String.Index
        if text.hasPrefix("[") {
            guard let bracket = text.firstIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<bracket].lowercased()
            guard HostPort.isIPv6(host) else { return nil }
            end = text.index(after: bracket)
        } else {
            end = text.firstIndex(of: ":") ?? text.endIndex
            host = text[..<end].lowercased()
            guard HostPort.isName(host) else { return nil }
        }
        let rest = text[end...]
        if rest.isEmpty || rest == ":" {
            port = nil
        } else {
            let digits = rest.dropFirst()
            guard rest.hasPrefix(":"), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(digits),
                (1...65535).contains(number)
            else { return nil }
            port = number
        }
    }

    /// A host as it stands before a port.
    static func bracketed(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }

    /// Labels of letters, digits, `-` and `_` with dots between them; a dot at the end is allowed.
    private static func isName(_ text: String) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        let isComplete = labels.last?.isEmpty == true && labels.count > 1 ? labels.dropLast() : labels[...]
        return text.utf8.count <= 253
            && isComplete.allSatisfy { label in
                (1...63).contains(label.utf8.count)
                    && label.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2D || $0 == 0x5F }
            }
    }

    private static func isIPv6(_ text: String) -> Bool {
        var address = in6_addr()
        return inet_pton(AF_INET6, text, &address) == 1
    }
}
