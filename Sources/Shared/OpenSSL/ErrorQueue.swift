import COpenSSL
import Glibc

/// OpenSSL's list of what went wrong on this thread (ERR_get_error(3)); it must be empty before a call whose outcome is asked for.
enum ErrorQueue {
    /// ERR_SYSTEM_FLAG of <openssl/err.h>, a macro with a cast that Swift does not import.
    private static let systemFlag: UInt = 1 << 31

    static func clear() { ERR_clear_error() }

    /// The code of the first cause, zero if there is none; empties the list.
    static func take() -> UInt {
        let code = ERR_get_error()
        ERR_clear_error()
        return code
    }

    /// OpenSSL's own words for a code; the system's where it was the system that failed.
    static func reason(_ code: UInt) -> String {
        if code & systemFlag != 0 { return String(cString: strerror(Int32(truncatingIfNeeded: code & (systemFlag - 1)))) }
        return ERR_reason_error_string(code).map { String(cString: $0) } ?? (code == 0 ? "no reason given" : "OpenSSL error \(code)")
    }
}
