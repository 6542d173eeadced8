/// The connections of a feed, as its status lines tell of them: how many are down.
///
/// A connection's number is never used again, so one that has ended is down until another one comes up in its place. Attempts that fail
/// tell an end without a beginning and change nothing. An end that is not tried again (`retry_in_us` is not told: a socket that was
/// renewed) is no loss, unless no connection is left.
struct FeedConnections {
    private static let most = 1024

    private var up: [Int64] = []
    private(set) var downCount = 0

    /// A connection is there.
    mutating func open(_ conn: Int64) {
        guard !up.contains(conn), up.count < FeedConnections.most else { return }
        up.append(conn)
        downCount = max(downCount - 1, 0)
    }

    /// A connection has ended, or never was there.
    mutating func close(_ conn: Int64, isRetried: Bool) {
        if let index = up.firstIndex(of: conn) {
            up.remove(at: index)
            if isRetried { downCount += 1 }
        }
        if up.isEmpty { downCount = max(downCount, 1) }
    }

    /// The feed has ended.
    mutating func removeAll() { self = FeedConnections() }
}
