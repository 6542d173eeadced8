import MarketModel
import UnixTool

/// When a segment is over, as `--rotate` spells it: `1h`, `15m`, `256MB` or both with a comma.
struct Rotation: Equatable, Sendable {
    static let standard = Rotation(spanMicros: 3_600_000_000, bytesMax: nil)
    static let expectation = "a span from 1s to 1d, a size from 1KB up, or both: 1h, 15m, 256MB, 1h,256MB"
    private static let spanMicrosLeast: Int64 = 1_000_000
    private static let spanMicrosMost: Int64 = 86_400_000_000
    private static let bytesLeast: Int64 = 1000

    /// Spans are counted from 1970, so those that divide a day begin with it.
    let spanMicros: Int64
    /// nil: of any size. A longer segment holds a single line.
    let bytesMax: Int64?

    init(spanMicros: Int64, bytesMax: Int64?) {
        self.spanMicros = spanMicros
        self.bytesMax = bytesMax
    }

    init?(_ text: String) {
        var span: Int64?
        var size: Int64?
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            if span == nil, let micros = Durations.micros(String(part)) {
                guard (Rotation.spanMicrosLeast...Rotation.spanMicrosMost).contains(micros) else { return nil }
                span = micros
            } else if size == nil, let bytes = ByteSizes.bytes(part) {
                guard bytes >= Rotation.bytesLeast else { return nil }
                size = bytes
            } else {
                return nil
            }
        }
        self.init(spanMicros: span ?? Rotation.standard.spanMicros, bytesMax: size)
    }

    /// When the span of a moment begins, in microseconds since 1970.
    func spanStart(of time: Timestamp) -> Int64 {
        let rest = time.micros % spanMicros
        let (start, overflow) = time.micros.subtractingReportingOverflow(rest < 0 ? rest + spanMicros : rest)
        return overflow ? time.micros : start
    }

    /// When the span that begins at `start` is over.
    func spanEnd(of start: Int64) -> Int64 { Timestamp(micros: start).advanced(byMicros: spanMicros).micros }
}
