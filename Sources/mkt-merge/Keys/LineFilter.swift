import JSON
import MarketModel

/// Which lines go on: the built-in cut of `--from`, `--to`, `--only` and `--market`.
struct LineFilter {
    /// Lines received before it are left out.
    var from = Int64.min
    /// Lines received at or after it are left out; nil for no end.
    var to: Int64?
    /// The types that pass; empty: all, those of tomorrow too.
    var types = NameSet([])
    /// The markets and instruments that pass; empty: all. Lines that are about neither always pass.
    var markets = NameSet([])

    /// Whether lines must be read for their type and what they are about.
    var needsNames: Bool { !types.isEmpty || !markets.isEmpty }

    /// Whether it may leave anything out.
    var isActive: Bool { needsNames || from > .min || to != nil }

    /// Whether a line without a `type` cannot be judged.
    var needsType: Bool { !types.isEmpty }

    @inline(__always)
    func passes(_ keys: LineKeys) -> Bool {
        guard keys.received >= from else { return false }
        if let to, keys.received >= to { return false }
        return !needsNames || passesNames(keys)
    }

    private func passesNames(_ keys: LineKeys) -> Bool {
        if !types.isEmpty {
            guard let type = keys.type, types.contains(type) else { return false }
        }
        guard !markets.isEmpty, keys.market != nil || keys.instrument != nil else { return true }
        return [keys.market, keys.instrument].contains { $0.map(markets.contains) ?? false }
    }
}
