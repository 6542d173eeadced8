import FeedSession
import Testing

@testable import kalshi_feed

/// A book that was told with one connection and is carried on by another: readers know it by the first.
@Suite struct KalshiTwoConnectionsTests {
    private let session: Session
    private var reader = BookReader()

    /// Connection 1 has told the book of A and is gone; connection 2 carries it on, and has told that of B.
    init() throws {
        session = try Session(["--stale-after", "30s"])
        for conn in Int64(1)...2 {
            try session.open(conn)
            try session.send(subscribe(["A", "B"]), conn: conn)
            try session.receive(subscribed("orderbook_delta", sid: 1), conn: conn)
        }
        try reader.take(session.receive(snapshot("A", seq: 1, yes: [("0.40", "5")]), conn: 1))
        try session.receive(snapshot("A", seq: 1, yes: [("0.40", "5")]), conn: 2)
        try reader.take(session.receive(snapshot("B", seq: 2, yes: [("0.30", "5")]), conn: 2))
        try reader.take(session.close(1))
        try #require(knownToReader == ["A", "B"] && knownToFeed == ["A", "B"])
    }

    private var knownToReader: Set<String> { Set(reader.books.filter(\.value.isKnown).keys) }

    private var knownToFeed: Set<String> {
        var names: Set<String> = []
        try? session.venue.forEachKnownBook { names.insert($0.id) }
        return names
    }

    @Test mutating func lastConnectionGone_takesTheBookFromReaders() throws {
        let lines = try session.close(2)
        try reader.take(lines)
        #expect(knownToFeed.isEmpty && knownToReader.isEmpty)
        // The session's own line comes with it; the book that was told with the other connection needs one of its own.
        #expect(lines.brief.count == 2)
    }

    @Test mutating func lastConnectionSilent_takesTheBookFromReaders() throws {
        try reader.take(session.wait(seconds: 31))
        #expect(knownToFeed.isEmpty && knownToReader.isEmpty)
    }

    private static let breaks: [(String, Set<String>)] = [
        (delta("A", seq: 9, "yes", "0.41", "1"), []), (delta("A", seq: 3, "yes", "0.40", "-6"), ["B"]),
        (delta("A", seq: 3, "yes", "x", "1"), ["B"]), (delta("A", seq: 3, "maybe", "0.41", "1"), ["B"]),
        (snapshot("A", seq: 3, yes: [("0.40", "1"), ("0.4", "2")]), ["B"]),
    ]

    @Test(arguments: breaks)
    mutating func breakOnTheLastConnection_takesTheBookFromReaders(_ frame: String, _ left: Set<String>) throws {
        let lines = try session.receive(frame, conn: 2)
        try reader.take(lines)
        #expect(knownToFeed == left && knownToReader == left, "\(lines.brief)")
        #expect(reader.complaints.isEmpty)
    }

    @Test mutating func unsubscribed_takesTheBookFromReaders() throws {
        let lines = try session.receive(#"{"type":"unsubscribed","sid":1,"seq":3}"#, conn: 2)
        try reader.take(lines)
        #expect(knownToFeed.isEmpty && knownToReader.isEmpty, "\(lines.brief)")
    }

    @Test mutating func wholeBookThatIsAnother_isTold_whereReadersKnowIt() throws {
        try session.send(
            #"{"id":7,"cmd":"update_subscription","params":{"sids":[1],"action":"get_snapshot","market_tickers":["A"]}}"#, conn: 2)
        let lines = try session.receive(snapshot("A", seq: 3, yes: [("0.39", "5")], id: 7), conn: 2)
        try reader.take(lines.filter { !$0.contains("book_snapshot") })
        #expect(knownToReader == ["B"], "\(lines.brief)")
        try reader.take(lines.filter { $0.contains("book_snapshot") })
        #expect(knownToReader == ["A", "B"] && reader.books["A"]?.bids == ["0.39": "5"])
    }

    /// The other way round: the connection under which readers know the book has no part in it any more.
    @Test(arguments: [#"{"type":"unsubscribed","sid":1,"seq":2}"#, ""])
    func connectionThatToldTheBookAndCarriesItNoMore_takesNothingWhenItGoes(_ before: String) throws {
        let session = try Session()
        var reader = BookReader()
        for conn in Int64(1)...2 {
            try session.open(conn)
            try reader.take(session.receive(snapshot("A", seq: 1, yes: [("0.40", "5")]), conn: conn))
        }
        try reader.take(session.receive(before.isEmpty ? delta("A", seq: 3, "yes", "0.41", "1") : before, conn: 1))
        try reader.take(session.close(1))
        #expect(reader.books["A"]?.isKnown == true)
        try reader.take(session.receive(delta("A", seq: 2, "yes", "0.42", "1"), conn: 2))
        #expect(reader.books["A"]?.bids == ["0.4": "5", "0.42": "1"] && reader.complaints.isEmpty)
    }
}
