/// Those that are reached without a proxy, as `NO_PROXY` lists them, with commas or blanks between.
///
/// `*` is everyone. A name is meant with all names below it, with or without a dot in front. An address is meant alone, or with a prefix
/// length (`10.0.0.0/8`) with all its network. A port behind it (`example.com:8443`, `[::1]:443`) means that port only.
struct ProxyExceptions {
    private let members: [Substring]

    init(_ text: String) {
        members = text.split { $0 == "," || $0.isWhitespace }
    }

    func contain(host: String, port: Int) -> Bool {
        let host = ProxyExceptions.plain(host)
        let address = NetworkPrefix(host)
        return members.contains { member in
            if member == "*" { return true }
            if let network = NetworkPrefix(member) { return address.map(network.contains) ?? false }
            var name = member
            // All names below, in the notations of others: .example.com and *.example.com.
            if name.hasPrefix("*.") { name = name.dropFirst() }
            if name.hasPrefix(".") { name = name.dropFirst() }
            guard let place = HostPort(name), place.port ?? port == port else { return false }
            if let address { return NetworkPrefix(place.host).map { $0.contains(address) } ?? false }
            let named = ProxyExceptions.plain(place.host)
            return host == named || host.hasSuffix("." + named)
        }
    }

    /// Without the dot that a complete name may end with.
    private static func plain(_ host: String) -> String { host.hasSuffix(".") ? String(host.dropLast()) : host }
}
