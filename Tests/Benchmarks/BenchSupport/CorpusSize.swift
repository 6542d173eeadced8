/// How much there is to work on. Names are part of those of the paths.
public enum CorpusSize: String, CaseIterable, Sendable {
    /// Fits the nearest caches.
    case small
    /// What a feed of everything has.
    case large

    /// Questions, each with two instruments on Polymarket and one on Kalshi; a multiple of three, since three make an event.
    public var questions: Int {
        switch self {
        case .small: 12
        case .large: 3336
        }
    }

    /// Lines of a run.
    public var lines: Int {
        switch self {
        case .small: 1000
        case .large: 20_000
        }
    }
}
