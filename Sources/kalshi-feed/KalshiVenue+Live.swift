import FeedSession
import MarketModel

/// When a connection is called live.
extension KalshiVenue {
    /// Notes that data came on a connection that is not live yet; one that is late becomes live with it.
    func noteData(_ connection: KalshiConnection, at time: Timestamp) throws {
        if !connection.hasData {
            connection.hasData = true
            findDeadline()
        }
        if connection.liveDeadline <= time { try tellLive(connection, at: time) }
    }

    /// Tells `live` although books are missing, and how many came.
    func tellLive(_ connection: KalshiConnection, at time: Timestamp) throws {
        let reason = channels.contains(.book) ? "books \(connection.snapshotTickers.count) of \(connection.wantedCount)" : nil
        try tellLive(connection, reason: reason, at: time)
    }

    /// Tells `live` where all that was asked for is there, or where no books were asked for.
    func tellLiveIfWhole(_ connection: KalshiConnection, at time: Timestamp) throws {
        let hasBooks = channels.contains(.book) && !connection.subscription.bookTickers.isEmpty
        if connection.isComplete || !hasBooks { try tellLive(connection, reason: nil, at: time) }
    }

    /// Tells `live`.
    func tellLive(_ connection: KalshiConnection, reason: String?, at time: Timestamp) throws {
        connection.isLive = true
        try output.status(FeedStatus(.live, conn: connection.conn, reason: reason), at: time)
        findDeadline()
    }

    /// MARKET arguments that nothing in the recording answers to are told, since silence looks like a quiet market.
    func tellUnmatched() {
        for argument in registry.unmatched {
            output.logger.warning("nothing in the recording is of '\(argument)'; check its spelling")
        }
    }
}
