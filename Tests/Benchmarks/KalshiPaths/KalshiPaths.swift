public import BenchSupport
import JSON

/// What kalshi-feed does per frame.
public enum KalshiPaths {
    public static var all: [HotPath] { CorpusSize.allCases.flatMap(paths) }

    private static func paths(_ size: CorpusSize) -> [HotPath] {
        [
            mapper("orderbook_snapshot", size) { frames, _, buffer in
                let question = frames.question()
                frames.snapshot(question, to: &buffer)
            },
            mapper("orderbook_delta", size) { frames, _, buffer in frames.delta(to: &buffer) },
            mapper("trade", size) { frames, _, buffer in frames.trade(to: &buffer) },
            mapper("ticker", size) { frames, _, buffer in frames.ticker(to: &buffer) },
            mapper("market_lifecycle", size, linesEach: 2) { frames, number, buffer in
                let questions = size.questions
                frames.lifecycle(number % questions, isPaused: number / questions % 2 == 0, to: &buffer)
            },
            mapper("event_lifecycle", size, linesEach: 0) { frames, number, buffer in
                frames.eventLifecycle(number % size.questions, to: &buffer)
            },
            mapper("event_fee_update", size, linesEach: 0) { frames, number, buffer in
                frames.eventFeeUpdate(number % size.questions, to: &buffer)
            },
            mapper("fill", size) { frames, number, buffer in frames.fill(number, to: &buffer) },
            mapper("user_order", size) { frames, number, buffer in frames.order(number, to: &buffer) },
            mapper("market_position", size) { frames, _, buffer in frames.position(to: &buffer) },
        ]
    }

    /// A path of frames of one kind.
    ///
    /// - Parameter linesEach: How many lines each of them gives; of those that give none the tool counts each under its name.
    private static func mapper(
        _ name: String, _ size: CorpusSize, linesEach: Int = 1, _ write: @escaping (inout KalshiFrames, Int, inout ByteBuffer) -> Void
    ) -> HotPath {
        let corpus = Once {
            var frames = KalshiFrames(size)
            let (books, messages) = (Lines(), Lines())
            for question in 0..<size.questions { books.append { frames.snapshot(question, to: &$0) } }
            for number in 0..<size.lines { messages.append { write(&frames, number, &$0) } }
            return (frames.tickers, books, messages)
        }
        return HotPath("kalshi/\(name)/\(size)") {
            let (tickers, books, messages) = corpus.value
            let views = messages.views
            let paper = try KalshiPaper(tickers, books: books.views)
            let check: () throws -> Void = {
                try paper.expectNoFault()
                if linesEach == 0 { try paper.expectCount(name, views.count) }
            }
            return HotRun(lines: views.count, expected: views.count * linesEach, check: check) {
                try withExtendedLifetime(messages) { try paper.take(views) }
            }
        }
    }
}
