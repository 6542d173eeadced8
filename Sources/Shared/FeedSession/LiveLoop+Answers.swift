import Curl
import JSON
import MarketModel
import UnixTool

/// REST answers: recorded and told to the engine where books and markets are in them, then handed to the adapter.
extension LiveLoop {
    func readAnswers() throws {
        for (id, result) in rest.advance(at: Clock.monotonicMicros()) {
            guard let request = requests.removeValue(forKey: id) else { continue }
            control.pendingRequestCount -= 1
            try take(result, of: request, at: now())
        }
    }

    private func take(_ result: Result<RESTAnswer, RESTFailure>, of request: LiveRequest, at time: Timestamp) throws {
        var result = result
        switch result {
        case .success(let answer):
            counters.add("rest_answers")
            if String(validating: answer.body, as: UTF8.self) == nil {
                result = .failure(.broken("the answer is not UTF-8"))
            } else if let path = request.recordedPath {
                try tell(answer, path, isPrivate: request.isPrivate, at: time)
            }
        case .failure(let failure):
            counters.add("rest_failures")
            logger.debug("\(secrets.mask(request.recordedPath ?? "a REST call")): \(failure)")
        }
        try settle(at: time)
        try step(at: time) { try self.adapter.answered(request, result, self.control, at: time) }
    }

    private func tell(_ answer: RESTAnswer, _ path: String, isPrivate: Bool, at time: Timestamp) throws {
        var path = isPrivate ? secrets.mask(path) : path
        try path.withUTF8 { pathBytes in
            try answer.body.withUnsafeBufferPointer { bytes in
                let body = isPrivate ? secrets.mask(JSONText(bytes), &masked) : JSONText(bytes)
                _ = try take(.answered(path: JSONText(pathBytes), status: Int64(answer.status), body: body, at: time))
            }
        }
    }
}
