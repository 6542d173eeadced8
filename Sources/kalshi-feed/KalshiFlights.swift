import MarketModel

/// Commands on their way on one connection, by their ids.
struct KalshiFlights {
    struct Flight: Equatable {
        enum Kind: Equatable {
            case channel(KalshiChannel)
            /// Whole books are asked for; those that came are taken off.
            case snapshots(left: [String])
            case list
        }

        let id: Int64
        var kind: Kind
        let sent: Timestamp
        var deadline: Timestamp
        /// Something of what was asked for has come.
        var hasProgress = false
    }

    /// What was not answered by then is not answered.
    static let answerMicrosMax: Int64 = 5_000_000

    private var flights: [Flight] = []
    private var lastID: Int64 = 0

    var isEmpty: Bool { flights.isEmpty }

    /// A new command; gives its id, which counts from 1 on each connection.
    mutating func begin(_ kind: Flight.Kind, at time: Timestamp) -> Int64 {
        lastID += 1
        flights.append(
            Flight(id: lastID, kind: kind, sent: time, deadline: time.advanced(byMicros: KalshiFlights.answerMicrosMax)))
        return lastID
    }

    func contains(_ kind: (Flight.Kind) -> Bool) -> Bool { flights.contains { kind($0.kind) } }

    func count(_ kind: (Flight.Kind) -> Bool) -> Int { flights.count { kind($0.kind) } }

    mutating func take(_ id: Int64) -> Flight? {
        flights.firstIndex { $0.id == id }.map { flights.remove(at: $0) }
    }

    /// The oldest of a kind.
    mutating func take(where isMeant: (Flight.Kind) -> Bool) -> Flight? {
        flights.firstIndex { isMeant($0.kind) }.map { flights.remove(at: $0) }
    }

    /// A book came; a question for books is done with its last one.
    mutating func noteBook(_ ticker: String, id: Int64?, at time: Timestamp) {
        for index in flights.indices.reversed() {
            guard case .snapshots(var left) = flights[index].kind else { continue }
            left.removeAll { $0 == ticker }
            flights[index].kind = .snapshots(left: left)
            if flights[index].id == id {
                flights[index].hasProgress = true
                flights[index].deadline = time.advanced(byMicros: KalshiFlights.answerMicrosMax)
            }
            if left.isEmpty { flights.remove(at: index) }
        }
    }

    /// Whole books that were asked for will not come: the subscription is over.
    mutating func dropSnapshots() { flights.removeAll { $0.kind.isSnapshots } }

    /// Those that are not answered in time.
    mutating func takeOverdue(at time: Timestamp) -> [Flight] {
        guard flights.contains(where: { $0.deadline <= time }) else { return [] }
        let overdue = flights.filter { $0.deadline <= time }
        flights.removeAll { $0.deadline <= time }
        return overdue
    }

    var nextDeadline: Timestamp? { flights.map(\.deadline).min() }
}
