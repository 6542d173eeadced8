import WebSocketClient

/// One socket of the live loop.
final class LiveSocket {
    let conn: Int64
    let slot: Int
    let address: WebSocketAddress
    let client: WebSocketClient
    /// What comes may repeat secrets.
    let isPrivate: Bool
    /// Its `open` was told.
    var isTold = false
    /// When a ping of ours went out last, by the monotonic clock.
    var pingedMicros: Int64 = 0

    init(conn: Int64, slot: Int, _ address: WebSocketAddress, _ client: WebSocketClient, isPrivate: Bool) {
        self.conn = conn
        self.slot = slot
        self.address = address
        self.client = client
        self.isPrivate = isPrivate
    }
}
