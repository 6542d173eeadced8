/// The connections of a feed, as its status lines tell of them: how each one is, and how many are down.
///
/// A connection's number is never used again, so one that has ended is down until another one comes up in its place. Attempts that fail
/// tell an end without a beginning and change nothing but the reason. An end that is not tried again (`retry_in_us` is not told) is that of
/// a socket that was renewed: the newest one has its place, and if that seemed to take the place of one that is down, this one is still
/// down. It is a loss all the same if no connection is left.
struct FeedConnections {
    private static let most = 1024
    /// Ended connections about which words may still come.
    private static let goneMost = 64

    /// As they came up.
    private var up: [FeedConnection] = []
    /// The ends of those that have no other in their place, in order.
    private var lost: [FeedWord] = []
    private var gone: [Int64] = []
    /// The last word about the feed as a whole.
    private var whole: FeedWord?
    /// What was said of some instruments without a connection.
    private var partial: PartialTrouble?
    /// The feed's reader is slow.
    private var lagging: FeedWord?

    var downCount: Int { lost.count }

    /// The worst of what holds now; nil where nothing was said yet.
    var worst: FeedWord? {
        let words = up.flatMap { [$0.word, $0.partial?.word] } + [partial?.word, lagging] + lost
        return FeedWord.worst(of: words.compactMap { $0 }) ?? whole
    }

    // MARK: Up and down

    /// A connection is there.
    mutating func open(_ conn: Int64) {
        guard !up.contains(where: { $0.conn == conn }), up.count < FeedConnections.most else { return }
        gone.removeAll { $0 == conn }
        let filled = lost.isEmpty ? nil : lost.removeFirst()
        up.append(FeedConnection(conn, filled: filled?.state == "stopped" ? nil : filled))
    }

    /// A connection has ended, or never was there.
    mutating func close(_ conn: Int64, isRetried: Bool, _ word: FeedWord) {
        if gone.count == FeedConnections.goneMost { gone.removeFirst() }
        gone.append(conn)
        if let index = up.firstIndex(where: { $0.conn == conn }) {
            up.remove(at: index)
            if isRetried {
                if lost.count < FeedConnections.most { lost.append(word) }
            } else if index < up.count, let filled = up[up.count - 1].filled {
                up[up.count - 1].filled = nil
                lost.append(filled)
            }
        } else if !lost.isEmpty {
            lost[lost.count - 1] = word
        }
        if up.isEmpty, lost.isEmpty { lost.append(word) }
    }

    /// The feed has ended.
    mutating func stop(_ word: FeedWord) {
        self = FeedConnections()
        lost = [word]
    }

    // MARK: Words

    /// A word about all of a connection (nil: of the feed). One about a connection that has ended comes late and says nothing.
    mutating func set(_ word: FeedWord, conn: Int64?) {
        guard let conn else {
            whole = word
            partial = nil
            for index in up.indices { (up[index].word, up[index].partial) = (word, nil) }
            return
        }
        guard let index = place(of: conn) else { return }
        (up[index].word, up[index].partial) = (word, nil)
    }

    /// A word about some instruments of a connection, or of the feed, with which something is wrong.
    mutating func hurt(_ names: [String], _ word: FeedWord, conn: Int64?) {
        guard !names.isEmpty else { return }
        guard let conn else { return FeedConnections.add(names, word, to: &partial) }
        if let index = place(of: conn) { FeedConnections.add(names, word, to: &up[index].partial) }
    }

    /// All is well with some instruments again.
    mutating func heal(_ names: [String], conn: Int64?) {
        if partial?.heal(names) == true { partial = nil }
        for index in up.indices where conn == nil || up[index].conn == conn {
            if up[index].partial?.heal(names) == true { up[index].partial = nil }
        }
    }

    /// Books are folded from here on (nil: no more), since the reader is slow.
    mutating func lag(_ word: FeedWord?) { lagging = word }

    /// The first word of a feed, where it says only that it is there.
    mutating func begin(_ word: FeedWord) { if whole == nil { whole = word } }

    private static func add(_ names: [String], _ word: FeedWord, to trouble: inout PartialTrouble?) {
        if trouble == nil { trouble = PartialTrouble(word, names) } else { trouble?.add(word, names) }
    }

    /// The place of a connection, which is there if something is said of it; nil if it has ended.
    private mutating func place(of conn: Int64) -> Int? {
        if !gone.contains(conn) { open(conn) }
        return up.firstIndex { $0.conn == conn }
    }
}
