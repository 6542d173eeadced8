import Curl
import Foundation
import Testing

/// What the server says it was sent (`/echo`).
struct Echo: Decodable {
    let method: String
    let path: String
    let headers: [String: String]
    let body: String

    init(_ answer: RESTAnswer) throws {
        try #require(answer.status == 200)
        self = try JSONDecoder().decode(Echo.self, from: Data(answer.body))
    }
}
