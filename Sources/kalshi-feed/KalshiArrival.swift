import JSON
import MarketModel

/// Where and when a frame came.
struct KalshiArrival {
    let connection: KalshiConnection
    let sid: KalshiSid
    let frame: JSONText
    let time: Timestamp

    var conn: Int64 { connection.conn }

    /// From when on nothing is trusted if this frame is no use: the last one that was in order.
    var since: Timestamp { sid.lastGood ?? time }
}
