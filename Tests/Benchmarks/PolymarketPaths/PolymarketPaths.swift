public import BenchSupport
import JSON
import MarketModel

/// What pm-feed does per frame.
public enum PolymarketPaths {
    public static var all: [HotPath] { CorpusSize.allCases.flatMap(paths) }

    private static func paths(_ size: CorpusSize) -> [HotPath] {
        [
            mapper("book", size) { frames, _, buffer in
                let question = frames.question()
                frames.book(question, isYes: true, to: &buffer)
            },
            mapper("price_change", size, linesEach: 2) { frames, _, buffer in frames.priceChange(to: &buffer) },
            mapper("price_change_verified", size, ["--verify", "all"], linesEach: 2) { frames, _, buffer in
                frames.priceChange(to: &buffer)
            },
            mapper("last_trade_price", size) { frames, _, buffer in frames.lastTradePrice(to: &buffer) },
            mapper("best_bid_ask", size) { frames, _, buffer in frames.bestBidAsk(to: &buffer) },
            mapper("tick_size_change", size) { frames, number, buffer in
                let questions = size.questions
                frames.tickSizeChange(number % questions, isFine: number / questions % 2 == 0, to: &buffer)
            },
            mapper("new_market", size, linesEach: 2) { frames, number, buffer in frames.newMarket(number, to: &buffer) },
            mapper("market_resolved", size, linesEach: 6) { frames, number, buffer in frames.marketResolved(number, to: &buffer) },
            mapper("user_order", size, conn: 2) { frames, number, buffer in frames.order(number, to: &buffer) },
            mapper("user_trade", size, conn: 2) { frames, number, buffer in frames.trade(number, to: &buffer) },
            hash(size),
        ]
    }

    /// A path of frames of one kind.
    ///
    /// - Parameter linesEach: How many lines each of them gives.
    private static func mapper(
        _ name: String, _ size: CorpusSize, _ arguments: [String] = ["--verify", "off"], linesEach: Int = 1, conn: Int64 = 1,
        _ write: @escaping (inout PolymarketFrames, Int, inout ByteBuffer) -> Void
    ) -> HotPath {
        let corpus = Once {
            var frames = PolymarketFrames(size)
            let (books, messages) = (books(&frames, size), Lines())
            for number in 0..<size.lines { messages.append { write(&frames, number, &$0) } }
            return (books, messages)
        }
        return HotPath("pm/\(name)/\(size)") {
            let (books, messages) = corpus.value
            let views = messages.views
            let paper = try PolymarketPaper(arguments, books: books.views)
            return HotRun(lines: views.count, expected: views.count * linesEach, check: paper.expectNoFault) {
                try withExtendedLifetime(messages) { try paper.take(views, conn: conn) }
            }
        }
    }

    private static func books(_ frames: inout PolymarketFrames, _ size: CorpusSize) -> Lines {
        let books = Lines()
        for question in 0..<size.questions {
            for isYes in [true, false] { books.append { frames.book(question, isYes: isYes, to: &$0) } }
        }
        return books
    }

    /// The venue's hash of every book, again and again.
    private static func hash(_ size: CorpusSize) -> HotPath {
        let corpus = Once {
            var frames = PolymarketFrames(size)
            let books = books(&frames, size)
            let stamp: Int64 = 1_790_267_300_000
            let hashes = (0..<size.questions).flatMap { question in
                [true, false].map { Array(frames.hash(question, $0, stamp).utf8) }
            }
            return (books, hashes, Array(String(stamp).utf8))
        }
        return HotPath("pm/hash/\(size)") {
            let (books, hashes, stamp) = corpus.value
            let paper = try PolymarketPaper(["--verify", "all"], books: books.views)
            let (registered, count) = (paper.venue.registry.books, max(size.lines / 2, hashes.count))
            return HotRun(lines: count, expected: count) {
                var hash = PolymarketBookHash()
                var agreed = 0
                for number in 0..<count {
                    let place = number % hashes.count
                    if agrees(&hash, registered[place], hashes[place], stamp) { agreed += 1 }
                }
                return agreed
            }
        }
    }

    private static func agrees(_ hash: inout PolymarketBookHash, _ book: PolymarketBook, _ told: [UInt8], _ stamp: [UInt8]) -> Bool {
        told.withUnsafeBufferPointer { told in
            stamp.withUnsafeBufferPointer { stamp in
                hash.agrees(book, timestamp: JSONText(stamp), hash: JSONText(told), recipe: .tenKeys, effort: .plain)
            }
        }
    }
}
