/// Close codes that may stand in a frame (RFC 6455 §7.4 and IANA's registry).
enum WebSocketCloseCode {
    /// 1004 has no meaning; 1005, 1006 and 1015 are for reports inside one peer only.
    static func isSendable(_ code: UInt16) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
