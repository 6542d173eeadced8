/// How long to wait before the next try: full jitter over a range that doubles, up to a cap.
public struct Backoff: Equatable, Sendable {
    public var baseMicros: Int64
    public var microsMax: Int64

    /// 0 … 0.25 · 2ⁿ s, at most 30 s: what the venues' own clients do (dossier of Polymarket §1.5).
    public static let usual = Backoff(baseMicros: 250_000, microsMax: 30_000_000)

    public init(baseMicros: Int64, microsMax: Int64) {
        self.baseMicros = baseMicros
        self.microsMax = microsMax
    }

    /// A time between 0 and base · 2^`failures`, at most the cap, each as likely as the others.
    public static func micros(failures: Int, _ backoff: Backoff, random: inout some RandomNumberGenerator) -> Int64 {
        let doublings = min(max(failures, 0), 32)
        let range = min(backoff.microsMax, backoff.baseMicros << Int64(doublings))
        return Int64.random(in: 0...range, using: &random)
    }
}
