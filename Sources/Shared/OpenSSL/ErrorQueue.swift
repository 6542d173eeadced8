import COpenSSL

/// OpenSSL's list of what went wrong on this thread (ERR_get_error(3)); it must be empty before a call whose outcome is asked for.
enum ErrorQueue {
    static func clear() { ERR_clear_error() }

    /// The code of the first cause, zero if there is none; empties the list.
    static func take() -> UInt {
        let code = ERR_get_error()
        ERR_clear_error()
        return code
    }

    /// OpenSSL's own words for a code.
    static func reason(_ code: UInt) -> String {
        ERR_reason_error_string(code).map { String(cString: $0) } ?? (code == 0 ? "no reason given" : "OpenSSL error \(code)")
    }
}
