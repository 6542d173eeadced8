public import BenchSupport

/// What mkt-merge does per line: finding its keys, the fast way for lines of ours and the way for any JSON.
public enum MergePaths {
    public static var all: [HotPath] {
        CorpusSize.allCases.flatMap { size in
            let corpus = Once { EventCorpus(size) }
            return [
                keys("canonical", corpus, size, names: false) { CanonicalLine.keys(of: $0, names: false) },
                keys("canonical_names", corpus, size, names: true) { CanonicalLine.keys(of: $0, names: true) },
                keys("any", corpus, size, names: false) { LineKeyScanner.keys(of: $0, names: false) },
                keys("any_names", corpus, size, names: true) { LineKeyScanner.keys(of: $0, names: true) },
            ]
        }
    }

    /// The sum of what was received when, and of the instruments' lengths: both told by the corpus.
    @inline(__always)
    private static func keys(
        _ name: String, _ corpus: Once<EventCorpus>, _ size: CorpusSize, names: Bool,
        _ find: @escaping (UnsafeBufferPointer<UInt8>) -> LineKeys?
    ) -> HotPath {
        HotPath("merge/keys_\(name)/\(size)") {
            let lines = corpus.value.mixed
            let views = lines.views
            return HotRun(lines: views.count, expected: corpus.value.keySum(names: names)) {
                withExtendedLifetime(lines) {
                    views.reduce(0) { sum, line in
                        guard let keys = find(line) else { return sum }
                        return sum &+ Int(keys.received) &+ (names ? keys.instrument?.count ?? 0 : 0)
                    }
                }
            }
        }
    }
}
