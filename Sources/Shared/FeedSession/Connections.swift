import MarketModel

/// The sockets of a feed and what is told of them: up, silent, gone.
final class Connections {
    private struct Connection {
        let conn: Int64
        var lastData: Timestamp
        var isStale = false
        /// Its silence says nothing.
        var isExempt = false
    }

    private let output: FeedOutput
    private let staleMicros: Int64?
    private var open: [Connection] = []

    init(_ output: FeedOutput) {
        self.output = output
        staleMicros = output.settings.staleMicros
    }

    func isOpen(_ conn: Int64) -> Bool { open.contains { $0.conn == conn } }

    func opened(_ conn: Int64, at time: Timestamp) throws {
        open.removeAll { $0.conn == conn }
        open.append(Connection(conn: conn, lastData: time))
        try output.status(FeedStatus(.connecting, conn: conn), at: time)
    }

    /// Something that is data came.
    func noteData(_ conn: Int64, at time: Timestamp) throws {
        guard let index = open.firstIndex(where: { $0.conn == conn }) else {
            // A recording that was cut at its start: the socket was up before.
            open.append(Connection(conn: conn, lastData: time))
            return
        }
        open[index].lastData = max(time, open[index].lastData)
        guard open[index].isStale else { return }
        open[index].isStale = false
        try output.status(FeedStatus(.live, conn: conn, reason: "data again; books are unknown until their snapshots"), at: time)
    }

    /// - Parameter instruments: whose books are lost with it; nil for all that it had.
    func closed(
        _ conn: Int64, reason: String?, instruments: [String]?, retryMicros: Int64?, at time: Timestamp
    ) throws {
        let lastData = open.first { $0.conn == conn }?.lastData
        open.removeAll { $0.conn == conn }
        try output.status(
            FeedStatus(
                .disconnected, conn: conn, reason: reason, since: lastData ?? time, instruments: instruments, retryMicros: retryMicros),
            at: time)
    }

    /// Another witness has said that the books are as they were: its silence is a quiet market's.
    func noteQuiet(_ conn: Int64, at time: Timestamp) {
        guard let index = open.firstIndex(where: { $0.conn == conn && !$0.isStale }) else { return }
        open[index].lastData = max(time, open[index].lastData)
    }

    /// The connection's silence says nothing from here on.
    func exempt(_ conn: Int64) {
        if let index = open.firstIndex(where: { $0.conn == conn }) { open[index].isExempt = true }
    }

    /// When the last data came; nil for a connection that is not up.
    func lastData(_ conn: Int64) -> Timestamp? { open.first { $0.conn == conn }?.lastData }

    /// When the next socket becomes stale.
    var nextDeadline: Timestamp? {
        guard let staleMicros else { return nil }
        var earliest: Timestamp?
        for connection in open where !connection.isStale && !connection.isExempt { earliest = .earliest(earliest, connection.lastData) }
        return earliest?.advanced(byMicros: staleMicros)
    }

    /// The sockets whose silence has become too long and was not told yet.
    func tooSilent(at time: Timestamp) -> [Int64] {
        guard let staleMicros else { return [] }
        var stale: [Int64] = []
        for index in open.indices
        where !open[index].isStale && !open[index].isExempt && open[index].lastData.advanced(byMicros: staleMicros) <= time {
            stale.append(open[index].conn)
        }
        return stale
    }

    /// Tells that the connection is stale, unless that was told already.
    func tellStale(_ conn: Int64, reason: String, instruments: [String]?, at time: Timestamp) throws {
        guard let index = open.firstIndex(where: { $0.conn == conn && !$0.isStale }) else { return }
        open[index].isStale = true
        try output.status(
            FeedStatus(.stale, conn: conn, reason: reason, since: open[index].lastData, instruments: instruments), at: time)
    }
}
