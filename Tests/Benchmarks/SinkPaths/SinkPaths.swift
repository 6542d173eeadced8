public import BenchSupport
import Glibc
import JSON
import Logging
import MarketModel
import UnixTool

/// What mkt-sink does per line: the row, and what each kind of target makes of it.
public enum SinkPaths {
    public static var all: [HotPath] { CorpusSize.allCases.flatMap(paths) }

    private static func paths(_ size: CorpusSize) -> [HotPath] {
        let corpus = Once { EventCorpus(size) }
        return [
            rows(corpus, size), copyRows(corpus, size),
            target("sqlite", corpus, size, kept: rowsAndDuplicates) { try SQLiteTarget(path: ScratchFolder.path("bench.db")) },
            target("ndjson", corpus, size, kept: { _ in nil }) {
                let settings = SegmentSettings(directory: ScratchFolder.path("segments"))
                return try NDJSONTarget(settings, Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
            },
            target("stdout", corpus, size, kept: linesOut) { StandardOutputTarget(isLineBuffered: false, descriptor: nowhere()) },
            table(corpus, size),
        ]
    }

    /// Identities that stand there already are no rows of their own.
    private static func rowsAndDuplicates(_ counters: [(name: String, count: Int64)]) -> Int64? {
        counters.filter { $0.name.hasPrefix("rows_") || $0.name == "duplicates" }.reduce(0) { $0 + $1.count }
    }

    private static func linesOut(_ counters: [(name: String, count: Int64)]) -> Int64? {
        counters.first { $0.name == "lines_out" }?.count
    }

    private static func nowhere() -> Int32 { open("/dev/null", O_WRONLY) }

    /// Decoding, and the cells of the row.
    private static func rows(_ corpus: Once<EventCorpus>, _ size: CorpusSize) -> HotPath {
        HotPath("sink/row/\(size)") {
            let (lines, cells) = (corpus.value.mixed, try DecodedRows(corpus.value.mixed).cellCount)
            let views = lines.views
            return HotRun(lines: views.count, expected: cells) {
                var decoder = EventDecoder()
                var encoder = RowEncoder()
                var row = EventRow()
                var cells = 0
                for line in views {
                    try decoder.decodeEvent(line)
                    guard let kind = decoder.kind else { continue }
                    try encoder.encode(line, kind, decoder, into: &row)
                    cells += row.count
                }
                return withExtendedLifetime(lines) { cells }
            }
        }
    }

    /// Rows of PostgreSQL's COPY, names being known.
    private static func copyRows(_ corpus: Once<EventCorpus>, _ size: CorpusSize) -> HotPath {
        HotPath("sink/postgres_copy/\(size)") {
            let rows = try DecodedRows(corpus.value.mixed)
            return HotRun(lines: rows.count, expected: rows.count) {
                var batch = PostgresBatch()
                for index in 0..<rows.count { try batch.append(rows[index]) { Int64($0.count) } }
                return Int(batch.count)
            }
        }
    }

    /// What a target does with rows that are made already, up to the end of the batch.
    ///
    /// - Parameter kept: Finds in the target's counters how many it has; nil where it does not tell.
    private static func target(
        _ name: String, _ corpus: Once<EventCorpus>, _ size: CorpusSize, kept: @escaping ([(name: String, count: Int64)]) -> Int64?,
        _ make: @escaping () throws -> any Target
    ) -> HotPath {
        HotPath("sink/\(name)/\(size)") {
            let rows = try DecodedRows(corpus.value.mixed)
            let views = corpus.value.mixed.views
            let target = try make()
            let check: () throws -> Void = {
                try target.end()
                var counters = Counters()
                target.count(in: &counters)
                let found = kept(counters.sorted)
                try BenchFailure.expect(found ?? Int64(rows.count) == rows.count, "\(found ?? -1) lines were kept")
            }
            return HotRun(lines: rows.count, expected: rows.count, check: check) {
                for index in 0..<rows.count { try target.take(views[index], rows[index]) }
                try target.commit()
                return rows.count
            }
        }
    }

    /// Decoding, and the lines of `table` in a pipe.
    private static func table(_ corpus: Once<EventCorpus>, _ size: CorpusSize) -> HotPath {
        HotPath("sink/table/\(size)") {
            let lines = corpus.value.mixed
            let views = lines.views
            let target = PlainTableTarget(isLive: false, isColoured: false, isLineBuffered: false, descriptor: nowhere())
            var first = EventDecoder()
            for line in corpus.value.prologue.views {
                try first.decodeEvent(line)
                try target.follow(first)
            }
            let check: () throws -> Void = {
                var counters = Counters()
                target.count(in: &counters)
                try BenchFailure.expect(counters.sorted.contains { $0.name == "table_lines" && $0.count > 0 }, "nothing was told")
                try BenchFailure.expect(!counters.sorted.contains { $0.name == "table_faults" }, "lines were not understood")
            }
            return HotRun(lines: views.count, expected: views.count, check: check) {
                var decoder = EventDecoder()
                for line in views {
                    try decoder.decodeEvent(line)
                    try target.follow(decoder)
                }
                return withExtendedLifetime(lines) { views.count }
            }
        }
    }
}
