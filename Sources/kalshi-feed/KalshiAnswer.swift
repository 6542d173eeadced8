import Curl

/// What a REST answer of the venue comes to: a body to read, or why there is none.
enum KalshiAnswer {
    enum Trouble: Error, Equatable {
        /// Nothing of the venue was reached.
        case network(String)
        /// 429: it goes on more slowly.
        case busy
        /// 404: what was asked for does not exist.
        case missing
        /// Any other status, an answer that broke off, a page for people.
        case other(String)

        var words: String {
            switch self {
            case .network(let words), .other(let words): words
            case .busy: "HTTP status 429, too many requests"
            case .missing: "HTTP status 404"
            }
        }
    }

    /// The body of a 200. Of any other answer only the status counts: error bodies are nested, flat, or HTML of the CDN (dossier §6.1).
    static func body(_ result: Result<RESTAnswer, RESTFailure>) -> Result<[UInt8], Trouble> {
        switch result {
        case .failure(let failure): .failure(failure.isNetwork ? .network(failure.description) : .other(failure.description))
        case .success(let answer) where answer.status == 200: .success(answer.body)
        case .success(let answer) where answer.status == 429: .failure(.busy)
        case .success(let answer) where answer.status == 404: .failure(.missing)
        case .success(let answer): .failure(.other("HTTP status \(answer.status)"))
        }
    }
}
