import Curl
import Foundation
import Testing

/// What the server says it has seen (`/counts`), the asking included.
struct Counts: Decodable {
    let connections: Int
    /// The most that were open at one moment.
    let most: Int
    let open: Int
    let requests: Int

    init(_ answer: RESTAnswer) throws {
        self = try JSONDecoder().decode(Counts.self, from: Data(answer.body))
    }
}
