public import FeedSession
internal import Glibc
internal import JSON
internal import Logging
internal import MarketModel
internal import UnixTool

/// One feed of any venue on paper, through what a script tells.
public enum FeedFuzz {
    private static let descriptor = open("/dev/null", O_WRONLY)
    private static let logger = Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() }
    private static let start: Int64 = 1_790_000_000_000_000

    /// - Parameter venues: ways to make the venue, with its settings; the first byte of the script chooses one.
    public static func run<V: Venue>(_ script: UnsafeBufferPointer<UInt8>, _ venues: [(settings: FeedSettings, make: (FeedOutput) -> V)]) {
        guard let choice = script.first else { return }
        let (settings, make) = venues[Int(choice &- UInt8(ascii: "0")) % venues.count]
        do {
            let output = try FeedOutput(settings, logger: logger, writer: LineWriter(descriptor: descriptor))
            let engine = FeedEngine(make(output), output)
            var reader = ContractReader()
            var time = Timestamp(micros: start)
            for step in FeedScript.steps(UnsafeBufferPointer(rebasing: script.dropFirst())) {
                time = time.advanced(byMicros: 1000)
                if case .waited(let millis) = step { time = time.advanced(byMicros: millis * 1000) }
                let flushed = output.writer.byteCount
                try take(step, engine, at: time)
                // So many lines at once that they were written out: this script tells no more.
                guard output.writer.byteCount == flushed else { return }
                reader.take(lines: output.writer.buffer.bytes)
                output.writer.buffer.removeAll()
                try check(engine, settings, &reader)
            }
        } catch {
            fatalError("a feed that is not strict ends with \(error)")
        }
    }

    private static func take<V: Venue>(_ step: FeedScript.Step, _ engine: FeedEngine<V>, at time: Timestamp) throws {
        switch step {
        case .opened(let conn): try engine.take(.opened(conn: conn, at: time))
        case .closed(let conn): try engine.take(.closed(conn: conn, code: 1006, reason: nil, retryMicros: nil, at: time))
        case .sent(let conn, let frame): try text(frame) { try engine.take(.sent(conn: conn, frame: $0, at: time)) }
        case .received(let conn, let frame): try text(frame) { try engine.take(.received(conn: conn, frame: $0, at: time)) }
        case .answered(let path, let status, let body):
            try text(path) { path in
                try text(body) { try engine.take(.answered(path: path, status: status, body: $0, at: time)) }
            }
        case .waited: try engine.pass(to: time)
        }
    }

    /// Memory exactly as long as the text: what reads beyond it is found by the address sanitizer.
    private static func text(_ bytes: UnsafeBufferPointer<UInt8>, _ body: (JSONText) throws -> Void) rethrows {
        let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: max(bytes.count, 1))
        defer { copy.deallocate() }
        if let base = bytes.baseAddress { copy.update(from: base, count: bytes.count) }
        try body(JSONText(base: copy, count: bytes.count))
    }

    private static func check<V: Venue>(_ engine: FeedEngine<V>, _ settings: FeedSettings, _ reader: inout ContractReader) throws {
        var known: [FeedInstrument] = []
        try engine.venue.forEachKnownBook { instrument in
            Fuzzer.expect(instrument.book.isKnown, "\(instrument.id) is told as known and is not")
            for side in [instrument.book.bids, instrument.book.asks] {
                Fuzzer.expect(isOrdered(side), "the \(side.side) levels of \(instrument.id) are not in order, one a price")
            }
            if instrument.isShown { known.append(instrument) }
        }
        // With a depth a reader sees only the best of it, and without books nothing.
        if settings.hasBooks, settings.depth == .max { reader.compare(with: known) }
    }

    private static func isOrdered(_ side: BookSide) -> Bool {
        let prices = side.levels.map(\.price)
        let isRising = zip(prices, prices.dropFirst()).allSatisfy { side.side == .bid ? $0 < $1 : $0 > $1 }
        return isRising && side.levels.allSatisfy { $0.size > .zero && $0.price.isProbability }
    }
}
