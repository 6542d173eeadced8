import JSON
import Logging

/// Whether the exchange is open, as `/exchange/status` says it. For people: an exchange that pauses is no failure.
struct KalshiExchangeStatus {
    private var isActive: Bool?
    private var isTrading: Bool?
    private var resumes: String?

    /// nil for what is no such answer.
    init?(_ body: [UInt8]) {
        do {
            try body.withUnsafeBufferPointer { (bytes) throws(JSONError) in
                var scanner = JSONScanner(bytes)
                try scanner.beginObject()
                while let key = try scanner.nextKey() {
                    let kind = try scanner.peekKind()
                    if key.isEqual(to: "exchange_active"), kind == .bool {
                        isActive = try scanner.bool()
                    } else if key.isEqual(to: "trading_active"), kind == .bool {
                        isTrading = try scanner.bool()
                    } else if key.isEqual(to: "exchange_estimated_resume_time"), kind == .string {
                        resumes = try scanner.string().string
                    } else {
                        try scanner.skipValue()
                    }
                }
                try scanner.finish()
            }
        } catch {
            return nil
        }
        guard isActive != nil else { return nil }
    }

    /// In one line.
    var words: String {
        let until = resumes.map { ", expected back at \($0)" } ?? ""
        if isActive == false { return "the exchange is closed\(until); the session waits for what comes" }
        return isTrading == false ? "the exchange is open and trading pauses\(until)" : "the exchange is open and trading"
    }

    func tell(_ logger: Logger) {
        if isActive == true && isTrading != false { logger.info("\(words)") } else { logger.notice("\(words)") }
    }
}
