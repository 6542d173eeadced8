@testable import pm_feed

/// Beginnings that many tests share.
extension LiveDriver {
    /// A token long enough to be one on the command line; two numbers are a market.
    static func wire(_ number: Int) -> WireBook {
        WireBook(market: "0xm\(number / 2)", asset: "7486663993546590622800\(1000 + number)")
    }

    static func started(_ arguments: [String], rotate: Int64? = nil, seed: UInt64 = 1) throws -> LiveDriver {
        let driver = try LiveDriver(arguments, rotate: rotate, seed: seed)
        try driver.start()
        return driver
    }

    /// A session with the books of these tokens, live on connection 1, and Gamma answered.
    static func live(_ numbers: Range<Int>, _ arguments: [String] = []) throws -> LiveDriver {
        let driver = try started(numbers.map { wire($0).asset } + arguments)
        try driver.accept()
        try driver.receive("[\(numbers.map { wire($0).frame(venueMillis) }.joined(separator: ","))]\n", 1)
        for question in driver.questions { try driver.answer(question, "[]") }
        _ = try driver.news()
        return driver
    }

    /// Questions for whole books that were not answered yet.
    var bookQuestions: [Question] { questions.filter { $0.url.hasSuffix("/books") } }

    /// The oldest question whose URL has this in it.
    func question(_ part: String) throws -> Question {
        guard let question = questions.first(where: { $0.url.contains(part) }) else {
            throw DriverFault("nobody asked for \(part), only for \(questions.map(\.url))")
        }
        return question
    }

    /// Frames of one socket.
    func frames(_ conn: Int64) -> [String] { sent.filter { $0.conn == conn }.map(\.text) }
}
