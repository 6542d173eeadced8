import Logging
import UnixTool

/// The doorway: what was typed, what it comes to, the run.
@main
struct MktSink {
    static let name = "mkt-sink"

    static let help = ToolHelp(
        name: name,
        statuses: [
            .done, .usage, .badData, .noInput, .unavailable, .bug, .cannotCreate, .ioError, .tryLater, .credentialsRefused,
            .configuration,
        ],
        examples: [
            ("pm-feed --replay session.ndjson | mkt-sink", "keep everything in ./mkt.db"),
            ("pm-feed --replay session.ndjson | mkt-sink --to sqlite:today.db --to - | mkt-decide", "keep it and hand it on"),
            ("mkt-merge *.ndjson | mkt-sink --to ndjson:archive", "sort it into a file an hour and feed; mkt-merge archive reads it back"),
            (
                "pm-feed --top 20 | mkt-sink --to ndjson:archive --rotate 15m,256MB --compress \"zstd -q -f --rm\"",
                "record in small compressed files"
            ),
            ("mkt-sink --init --to postgres://localhost/markets", "make the tables of a PostgreSQL database"),
            ("pm-feed will-it-rain | mkt-sink --to postgres://writer@localhost/markets", "keep a live stream there"),
            ("pm-feed --top 20 2>pm.log | mkt-sink --to table --to sqlite:mkt.db", "watch it and keep it"),
            (
                "mkt-sink --book-at 2026-09-25T19:13:44Z --market KXBTC-26SEP2516-B74250 --to sqlite:mkt.db",
                "the book as it was known then"
            ),
            ("mkt-sink --schema | less", "read what the tables are"),
            ("sqlite3 mkt.db 'SELECT * FROM v_trades LIMIT 5'", "look at what came; prices in v_… views are decimals"),
        ])

    static func main() {
        Doorway.enter(SinkOptions.self, help: help) { options, common, settings in
            try SinkConfiguration(options, common, &settings)
        } run: { configuration, logger in
            try SinkRun(configuration, logger).run()
        }
    }
}
