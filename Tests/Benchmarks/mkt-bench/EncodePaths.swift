import ArgumentParser
import BenchSupport
import FeedSession
import Glibc
import JSON
import Logging
import MarketModel
import UnixTool

/// Lines of each type, as feeds write them.
enum EncodePaths {
    private typealias Write = (FeedOutput, FeedInstrument, Timestamp) throws -> Void

    static var all: [HotPath] {
        let (price, size) = (Price(millionths: 490_000), Size(millionths: 123_450_000))
        let (bid, ask) = (Quote(price: price, size: size), Quote(price: Price(millionths: 510_000), size: nil))
        let changed = [Level(480_000, 12_650_000)]
        return [
            path("instrument") { output, instrument, time in
                instrument.facts.tickSize = Price(millionths: instrument.facts.tickSize?.millionths == 10_000 ? 1000 : 10_000)
                try output.announce(instrument, at: time)
            },
            path("book_snapshot") {
                try $0.snapshot($1, reason: .refresh, received: $2, venueTime: $2, isVerified: true)
            },
            path("book_delta") { try $0.delta($1, bids: changed, asks: [], received: $2, venueTime: $2, isVerified: false) },
            path("quote") { try $0.quote($1, bid: bid, ask: ask, conn: 1, received: $2, venueTime: $2) },
            path("trade") {
                try $0.trade($1, Trade(price: price, size: size, aggressor: .buy), conn: 1, received: $2, venueTime: $2)
            },
            path("market_status") { try $0.marketStatus($1, .paused, reason: nil, conn: 1, received: $2, venueTime: $2) },
            path("resolution") { try $0.resolution($1, settlementPrice: .one, hasWon: true, conn: 1, received: $2, venueTime: $2) },
            path("ticker") {
                let ticker = Ticker(lastPrice: price, volume: size, openInterest: size, bid: bid, ask: ask)
                try $0.ticker($1, ticker, conn: 1, received: $2, venueTime: $2)
            },
            path("feed_status") { output, _, time in
                try output.status(FeedStatus(.gap, conn: 1, reason: "sequence", since: time, expectedSeq: 10, gotSeq: 12), at: time)
            },
            path("own_order") { output, instrument, time in
                let order = OwnOrder(
                    id: text("0xff354cd7ca7539dfa9c28d90943ab5779a4eac34b9b37a757d7b32bdfb11790b"), clientID: text("c-1"), side: .buy,
                    price: price,
                    size: size, filled: .zero, remaining: size, state: .open, reason: nil)
                try output.ownOrder(instrument, order, conn: 1, received: time, venueTime: time)
            },
            path("own_fill") { output, instrument, time in
                let fill = OwnFill(
                    tradeID: text("28c4d2eb-bbea-40e7-a9f0-b2fdb56b2c2e"), orderID: text("0xff354cd7ca7539dfa9c28d90943ab5779a4eac34"),
                    clientID: nil,
                    side: .sell, price: price, size: size, isTaker: true, fee: 20_000, state: .matched, transaction: nil)
                try output.ownFill(instrument, fill, conn: 1, received: time, venueTime: time)
            },
            path("own_position") {
                try $0.ownPosition(
                    $1, OwnPosition(size: 5_000_000, cost: 2_450_000, realizedPnl: 0, feesPaid: 20_000), conn: 1, received: $2,
                    venueTime: $2)
            },
            stageStatus,
        ]
    }

    private static func text(_ literal: StaticString) -> JSONText {
        JSONText(base: literal.utf8Start, count: literal.utf8CodeUnitCount)
    }

    /// What a stage that is no feed says of itself.
    private static var stageStatus: HotPath {
        HotPath("event/encode_stage_status/small") {
            let count = CorpusSize.small.lines
            let status = StageStatus(stage: "mkt-merge")
            var counters = Counters()
            for (number, name) in ["lines_in", "lines_out", "late", "out_of_order", "latency_us_p50", "latency_us_p99"].enumerated() {
                counters.set(name, Int64(number) * 1_234_567)
            }
            return HotRun(lines: count, expected: count) { [counters] in
                var writer = LineWriter(descriptor: open("/dev/null", O_WRONLY))
                for number in 0..<count {
                    try status.write("heartbeat", counters, at: Timestamp(micros: 1_790_267_100_000_000 + Int64(number)), to: &writer)
                }
                return Int(writer.lineCount)
            }
        }
    }

    private static func path(_ kind: String, _ write: @escaping Write) -> HotPath {
        HotPath("event/encode_\(kind)/small") {
            let output = try output()
            let instruments = try instruments(output)
            let count = CorpusSize.small.lines
            let before = output.writer.lineCount
            return HotRun(lines: count, expected: count) {
                var time = Timestamp(micros: 1_790_267_100_000_000)
                for number in 0..<count {
                    time = time.advanced(byMicros: 250)
                    try write(output, instruments[number % instruments.count], time)
                }
                return Int(output.writer.lineCount - before)
            }
        }
    }

    /// A feed's output that goes nowhere.
    private static func output() throws -> FeedOutput {
        var settings = Settings(tool: "pm-feed", environment: [:], file: nil)
        let common = try CommonSettings(try CommonOptions.parse([]), &settings)
        let feed = try FeedSettings(try FeedOptions.parse([]), common: common, venue: "polymarket", defaultName: "pm", &settings)
        return try FeedOutput(
            feed, logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() },
            writer: LineWriter(descriptor: open("/dev/null", O_WRONLY)))
    }

    /// Instruments whose books are known and told.
    private static func instruments(_ output: FeedOutput) throws -> [FeedInstrument] {
        let exchange = Exchange(.small, seed: 41)
        let time = Timestamp(micros: 1_790_267_000_000_000)
        return try (0..<CorpusSize.small.questions).map { question in
            let names = [Names.condition(question), Names.token(question, isYes: true)].map { String(decoding: $0, as: UTF8.self) }
            let instrument = FeedInstrument(feed: "pm", venue: "polymarket", market: names[0], id: names[1])
            instrument.setLabel("will-it-be-above-\(10_000 + question)/Yes")
            instrument.conn = 1
            instrument.facts.outcome = "Yes"
            instrument.facts.question = "Will it be above \(10_000 + question) on September 25?"
            instrument.book.replace(bids: exchange.levels(question, .bid), asks: exchange.levels(question, .ask))
            try output.snapshot(instrument, reason: .initial, received: time, venueTime: nil, isVerified: false)
            return instrument
        }
    }
}
