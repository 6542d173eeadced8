internal import Glibc
internal import OpenSSL

/// The words for a connection that broke.
enum Broken {
    static func text(_ fault: Transport.Fault) -> String {
        switch fault {
        case .system(let error): String(cString: strerror(error)).lowercased()
        case .tls(let error): error.description
        }
    }

    /// Whether TLS complains of the network only, not of the other end.
    static func isCut(_ error: TLSError) -> Bool {
        switch error {
        case .truncated, .socket: true
        default: false
        }
    }
}
