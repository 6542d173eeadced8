@testable import FeedSession

/// What a driver remembers of its run.
extension LiveDriver {
    struct Sent: Equatable {
        let conn: Int64
        let text: String
        let time: Int64
    }

    /// A question to REST that was not answered yet.
    struct Question: Equatable {
        let id: Int
        let path: String?
        let url: String
        let body: String
        let time: Int64
    }

    struct End {
        let conn: Int64
        let slot: Int
        let trouble: SocketTrouble
        let outcome: FeedSession.Session.Outcome
        let time: Int64
    }
}

/// What a test asked of the driver in vain.
struct DriverFault: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
