import Logging
import UnixTool

/// Prints the books of a moment: known ones on standard output, unknown ones, and why, on standard error.
struct BookAtRun {
    let question: BookQuestion
    let target: TargetAddress
    let common: CommonSettings
    let logger: Logger

    func run() throws {
        let collector = BookCollector(question, faults: try InputFaults(common, logger: logger))
        try read(into: collector)
        let answers = collector.answers()
        var writer = LineWriter(isLineBuffered: common.isLineBuffered, linesMax: common.linesMax)
        var unknown = 0
        for answer in answers {
            switch answer.outcome {
            case .known(let book, let last):
                let start = writer.buffer.count
                BookAnswer.append(book, after: last, answer.key, market: answer.market, label: answer.label, to: &writer.buffer)
                try writer.endLine(from: start)
            case .unknown(let cause):
                unknown += 1
                logger.error("\(answer.words(cause, at: question.time))")
            }
        }
        try writer.flush()
        try end(answers.count, unknown: unknown, collector)
    }

    private func read(into collector: BookCollector) throws {
        switch target {
        case .sqlite(let path):
            let store = try SQLiteBookStore(path: path)
            do {
                try StoredBooks(store: store, collector: collector, name: path).read()
            } catch {
                throw SQLiteBookStore.failure(error, path: path)
            }
        case .postgres(let address):
            let store = try PostgresBookStore(address)
            do {
                try StoredBooks(store: store, collector: collector, name: "\(address)").read()
            } catch {
                throw PostgresBookStore.failure(error, address)
            }
        case .ndjson(let directory): try SegmentBooks(directory: directory, collector: collector, common: common, logger: logger).read()
        case .standardOutput, .table: throw ToolFailure(.usage, BookAtSettings.targetAdvice)
        }
    }

    private func end(_ count: Int, unknown: Int, _ collector: BookCollector) throws(ToolFailure) {
        let unmet = collector.unmetNames
        // What is not found may stand where nobody could look.
        let lost = collector.lost.isEmpty ? nil : BookAtRun.text(lost: collector.lost.count)
        for name in unmet where count > 0 {
            logger.error(lost == nil ? "there is no book of \(name) at that moment" : "no book of \(name) was found in what can be read")
        }
        guard count > 0 else {
            let names = question.names.joined(separator: ", ")
            if let lost { throw ToolFailure(.badData, "no book of \(names) was found, and \(lost) may hold one; \(BookAtRun.lostAdvice)") }
            throw ToolFailure(
                .noInput, "there is no book of \(names) at that moment; give ids of markets or instruments, and look at the time")
        }
        if unknown > 0 {
            let advice = lost == nil ? "ask for another one" : BookAtRun.lostAdvice
            throw ToolFailure(.badData, "\(unknown) of \(count) books are unknown at that moment; \(advice)")
        }
        if let lost { throw ToolFailure(.badData, "what was printed is right, but \(lost) may hold more books; \(BookAtRun.lostAdvice)") }
        if !unmet.isEmpty { throw ToolFailure(.noInput, "\(unmet.count) of \(question.names.count) names have no book; correct them") }
    }

    private static let lostAdvice = "mend what the warnings tell of, or look less far back with --book-back"

    private static func text(lost count: Int) -> String { count == 1 ? "a file that cannot be read" : "\(count) files that cannot be read" }
}
