import MarketModel

extension PostgresSchema {
    /// What version 2 adds: the books of a market or an instrument at a moment, by the same rule as `--book-at`
    /// (`docs/storage.md`, "The book at a moment").
    ///
    /// It is run with its caller's rights, names its tables where they were made, and finds no function but PostgreSQL's own, whoever may make others there.
    static let bookAt = """
        DO $do$
        BEGIN
            EXECUTE format($function$
        CREATE OR REPLACE FUNCTION %1$I.mkt_book_at(time_us bigint, name text, back_us bigint DEFAULT NULL)
        RETURNS TABLE (feed text, venue text, market text, instrument text, label text, conn bigint, seq bigint, recv_us bigint,
            side text, "position" integer, price numeric, size numeric, unknown text, unknown_us bigint)
        LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
        #variable_conflict use_column
        DECLARE
            name_id integer;
            number integer;
            told text;
            source record;
            last record;
            broken record;
            hole record;
            first_us bigint := coalesce(time_us - back_us, -9223372036854775808);
        BEGIN
            SELECT t.text_id INTO name_id FROM %1$I.mkt_texts AS t WHERE t.text = name;
            IF NOT FOUND THEN RETURN; END IF;
            \(instruments)
            LOOP
                SELECT t.text INTO told FROM %1$I.mkt_texts AS t WHERE t.text_id = number;
                IF NOT EXISTS (SELECT FROM %1$I.book_snapshots AS t WHERE t.instrument_id = number AND t.recv_us BETWEEN first_us AND time_us) THEN
                    RETURN QUERY SELECT NULL::text, \(name("t.venue_id")), \(name("t.market_id")), told, NULL::text, NULL::bigint, NULL::bigint,
                            NULL::bigint, NULL::text, NULL::integer, NULL::numeric, NULL::numeric, 'no_snapshot'::text, t.recv_us
                        FROM %1$I.book_deltas AS t WHERE t.instrument_id = number AND t.recv_us BETWEEN first_us AND time_us ORDER BY t.recv_us DESC LIMIT 1;
                END IF;
                FOR source IN SELECT DISTINCT t.feed_id, t.venue_id FROM %1$I.book_snapshots AS t WHERE t.instrument_id = number AND t.recv_us BETWEEN first_us AND time_us
                LOOP
                    SELECT t.* INTO last FROM %1$I.book_snapshots AS t
                        WHERE t.instrument_id = number AND t.feed_id = source.feed_id AND t.venue_id = source.venue_id AND t.recv_us BETWEEN first_us AND time_us
                        ORDER BY t.recv_us DESC, t.seq DESC, t.conn DESC LIMIT 1;
                    \(firstBreak)
                    \(firstHole)
                    IF hole.why IS NOT NULL OR broken.state IS NOT NULL THEN
                        RETURN QUERY SELECT \(subject), nullif(last.conn, 0), last.seq, last.recv_us,
                            NULL::text, NULL::integer, NULL::numeric, NULL::numeric, coalesce(hole.why, broken.state),
                            coalesce(hole.recv_us, broken.recv_us);
                        CONTINUE;
                    END IF;
                    \(levels)
                END LOOP;
            END LOOP;
        END $$
        $function$, current_schema());
        END $do$;
        """

    /// What `mkt_texts` says of a number.
    private static func name(_ number: String) -> String { "(SELECT n.text FROM %1$I.mkt_texts AS n WHERE n.text_id = \(number))" }

    /// Feed, venue, market, instrument and label of the last snapshot.
    private static let subject =
        "\(name("last.feed_id")), \(name("last.venue_id")), \(name("last.market_id")), told, \(name("last.label_id"))"

    /// From each instrument to the next one by the key, and of each one row for its market: no table is read as a whole.
    private static let instruments: String = {
        let steps = [("s", "%1$I.book_snapshots"), ("d", "%1$I.book_deltas")].map { letter, table in
            """
            \(letter) (id) AS (
                    SELECT min(t.instrument_id) FROM \(table) AS t WHERE t.recv_us BETWEEN first_us AND time_us
                    UNION ALL
                    SELECT (SELECT min(t.instrument_id) FROM \(table) AS t WHERE t.instrument_id > \(letter).id
                        AND t.recv_us BETWEEN first_us AND time_us) FROM \(letter) WHERE \(letter).id IS NOT NULL
                )
            """
        }
        let looks = [("s", "%1$I.book_snapshots"), ("d", "%1$I.book_deltas")].map { letter, table in
            """
            SELECT \(letter).id FROM \(letter) WHERE \(letter).id = name_id OR name_id = (
                    SELECT t.market_id FROM \(table) AS t WHERE t.instrument_id = \(letter).id
                        AND t.recv_us BETWEEN first_us AND time_us ORDER BY t.recv_us DESC LIMIT 1)
            """
        }
        return "FOR number IN WITH RECURSIVE \(steps.joined(separator: ", ")) \(looks.joined(separator: " UNION "))"
    }()

    /// The first break behind the snapshot that concerns the book.
    ///
    /// One whose list holds something else than texts, or a text that this server cannot read, may concern any book of its feed.
    private static let firstBreak = """
        SELECT t.recv_us, t.state INTO broken FROM %1$I.feed_statuses AS t
                        WHERE t.feed_id = source.feed_id AND t.recv_us BETWEEN last.recv_us AND time_us
                            AND t.state IN (\(BookBreak.states.map { "'\($0)'" }.joined(separator: ", ")))
                            AND CASE
                                WHEN t.state = 'stopped' THEN true
                                WHEN t.instruments IS NULL THEN t.conn = 0 OR last.conn = 0 OR t.conn = last.conn
                                WHEN position(chr(92) || 'u0000' IN t.instruments) > 0 THEN true
                                WHEN EXISTS (SELECT FROM jsonb_array_elements(t.instruments::jsonb) AS e WHERE jsonb_typeof(e) <> 'string') THEN true
                                ELSE (t.conn = 0 OR last.conn = 0 OR t.conn = last.conn) AND t.venue_id = source.venue_id
                                    AND t.instruments::jsonb ? told
                            END
                        ORDER BY t.recv_us, t.state COLLATE "C" LIMIT 1;
        """

    /// Which changes are behind the snapshot, up to a moment.
    private static func deltas(until moment: String) -> String {
        """
        FROM %1$I.book_deltas AS t WHERE t.instrument_id = number AND t.feed_id = source.feed_id AND t.venue_id = source.venue_id
                            AND t.recv_us BETWEEN last.recv_us AND \(moment) AND (t.recv_us, t.seq, t.conn) >= (last.recv_us, last.seq, last.conn)
        """
    }

    /// The first change that does not follow the line before it. One of the microsecond of the break comes before that.
    private static let firstHole = """
        SELECT d.recv_us, d.why INTO hole FROM (
                            SELECT t.recv_us, t.seq, t.conn, CASE
                                WHEN t.conn <> last.conn THEN 'connection'
                                WHEN t.seq - 1 <> lag(t.seq, 1, last.seq) OVER (ORDER BY t.recv_us, t.seq, t.conn) THEN 'sequence'
                            END AS why
                            \(deltas(until: "coalesce(broken.recv_us, time_us)"))
                        ) AS d WHERE d.why IS NOT NULL ORDER BY d.recv_us, d.seq, d.conn LIMIT 1;
        """

    /// Of each price the last word counts. An empty book is one row without a level.
    private static let levels = """
        RETURN QUERY WITH line (at, number, bids, asks) AS (
                        SELECT last.recv_us, last.seq, last.bids, last.asks
                        UNION ALL
                        SELECT t.recv_us, t.seq, t.bids, t.asks \(deltas(until: "time_us"))
                    ), latest AS (
                        SELECT l.at, l.number FROM line AS l ORDER BY l.number DESC LIMIT 1
                    ), word (side, price, size, number) AS (
                        SELECT 'bid', l.bids[i], l.bids[i + 1], l.number FROM line AS l CROSS JOIN generate_series(1, cardinality(l.bids), 2) AS i
                        UNION ALL
                        SELECT 'ask', l.asks[i], l.asks[i + 1], l.number FROM line AS l CROSS JOIN generate_series(1, cardinality(l.asks), 2) AS i
                    ), resting AS (
                        SELECT DISTINCT ON (w.side, w.price) w.side, w.price, w.size FROM word AS w ORDER BY w.side, w.price, w.number DESC
                    ), placed AS (
                        SELECT r.side, r.price, r.size,
                            row_number() OVER (PARTITION BY r.side ORDER BY CASE r.side WHEN 'bid' THEN -r.price ELSE r.price END) AS place
                        FROM resting AS r WHERE r.size > 0
                    )
                    SELECT \(subject), nullif(last.conn, 0), latest.number, latest.at, p.side, p.place::integer,
                        trim_scale(p.price * 0.000001), trim_scale(p.size * 0.000001), NULL::text, NULL::bigint
                    FROM latest LEFT JOIN placed AS p ON true ORDER BY p.side DESC, p.place;
        """
}
