extension RESTRequest {
    /// What may be shown of the address.
    var label: String { RESTAddress(url)?.label ?? "the request" }

    /// Why it cannot be sent as it is; nil if it can.
    var fault: RESTFailure? {
        guard RESTAddress(url) != nil else {
            // The text may hold a password: only what comes before the first sign of one is shown.
            let shown = url.contains("@") ? "the address" : "\"\(ShownText.clean(String(url.prefix { $0 != "?" && $0 != "#" })))\""
            return .badURL("\(shown) is not an http or https URL without a user's name; correct it")
        }
        for (name, value) in headers {
            let isName = !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"\"(),/:;<=>?@[\\]{}".utf8.contains($0) }
            guard isName else { return .badHeader("\(label): \"\(ShownText.clean(name))\" is not the name of a header; correct it") }
            guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                return .badHeader("\(label): the value for the header \(name) holds a line break or another control character; correct it")
            }
        }
        return nil
    }
}
