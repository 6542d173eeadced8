import MarketModel

/// The tables of a PostgreSQL database, numbered like those of SQLite, but on their own.
enum PostgresSchema {
    static let version: Int64 = 2

    /// Everything, as one transaction that makes or migrates; run twice it changes nothing.
    ///
    /// - Parameter isPartitioned: Whether tables have a partition a day. Without, they are plain, as create_hypertable wants them.
    static func sql(isPartitioned: Bool) -> String {
        """
        -- mktpipe, PostgreSQL schema version \(version).
        -- Prices, sizes and money are whole millionths (…_e6), times are microseconds since 1970 (…_us).
        -- An …_id is the number of a text in mkt_texts, 0 where the line does not tell it; conn is 0 likewise.
        -- Levels are price and size by turns, best first. identity is a hash of all that tells a line from another one of its moment.
        BEGIN;
        -- One at a time: two that make the same tables at once would meet in the catalog.
        SELECT pg_advisory_xact_lock(1835758705);
        \(names)
        \(EventTable.all.map { table($0, isPartitioned: isPartitioned) }.joined())
        \(partitions)
        -- The same for people: names, and exact decimals.
        \(EventTable.all.map(view).joined())
        \(bookAt)
        \(roles)
        INSERT INTO mkt_meta (name, value) VALUES ('schema_version', \(version)) ON CONFLICT (name) DO UPDATE SET value = excluded.value;
        COMMIT;

        """
    }

    private static let names = """
        CREATE TABLE IF NOT EXISTS mkt_meta (name text PRIMARY KEY, value bigint NOT NULL);
        CREATE TABLE IF NOT EXISTS mkt_texts (text_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text text NOT NULL UNIQUE);
        CREATE TABLE IF NOT EXISTS mkt_progress (name text PRIMARY KEY, lines bigint NOT NULL, last_recv_us bigint NOT NULL);
        """

    static func table(_ table: EventTable, isPartitioned: Bool) -> String {
        let columns = PostgresColumn.all(of: table).map { "    \($0.name) \($0.type)\($0.isRequired ? " NOT NULL" : "")" }
        let key = "    PRIMARY KEY (\(table.postgresKey.joined(separator: ", ")))"
        return """
            CREATE TABLE IF NOT EXISTS \(table.name) (
            \((columns + [key]).joined(separator: ",\n"))
            )\(isPartitioned ? " PARTITION BY RANGE (recv_us)" : "");
            CREATE INDEX IF NOT EXISTS \(table.name)_time ON \(table.name) USING brin (recv_us);

            """
    }

    /// A partition holds a day of UTC: `trades_20260925`. Whoever may only insert makes them by this function; in plain tables it makes none.
    ///
    /// It runs with its owner's rights, so nothing in it is looked up where others may put things: names have their schema, and the
    /// caller's temporary tables come last. A table is made first and attached then, which locks out neither readers nor writers.
    private static let partitions = """
        DO $do$
        BEGIN
            EXECUTE format($function$
        CREATE OR REPLACE FUNCTION mkt_make_partitions(first_us bigint, last_us bigint) RETURNS integer
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        DECLARE
            day_us CONSTANT pg_catalog.int8 := 86400000000;
            home CONSTANT pg_catalog.text := %L;
            made pg_catalog.int4 := 0;
            day pg_catalog.int8;
            parent pg_catalog.text;
            part pg_catalog.text;
        BEGIN
            IF last_us < first_us OR last_us / day_us - first_us / day_us > 400 THEN
                RAISE EXCEPTION 'partitions are made for up to 400 days at a time';
            END IF;
            FOR day IN SELECT generate_series(floor(first_us::numeric / day_us)::int8, floor(last_us::numeric / day_us)::int8) LOOP
                FOREACH parent IN ARRAY ARRAY[\(EventTable.all.map { "'\($0.name)'" }.joined(separator: ", "))] LOOP
                    part := parent || to_char('epoch'::timestamp + day * interval '1 day', '_YYYYMMDD');
                    -- Tables that were made plain, or are a hypertable by now, have none.
                    CONTINUE WHEN NOT EXISTS (
                        SELECT FROM pg_catalog.pg_class AS c WHERE c.oid = to_regclass(format('%%I.%%I', home, parent)) AND c.relkind = 'p');
                    CONTINUE WHEN EXISTS (
                        SELECT FROM pg_catalog.pg_inherits AS i WHERE i.inhparent = to_regclass(format('%%I.%%I', home, parent))
                            AND i.inhrelid = to_regclass(format('%%I.%%I', home, part)));
                    PERFORM pg_advisory_xact_lock(1835758704);
                    -- Somebody else may have made it meanwhile.
                    CONTINUE WHEN EXISTS (
                        SELECT FROM pg_catalog.pg_inherits AS i WHERE i.inhparent = to_regclass(format('%%I.%%I', home, parent))
                            AND i.inhrelid = to_regclass(format('%%I.%%I', home, part)));
                    EXECUTE format('CREATE TABLE %%1$I.%%2$I (LIKE %%1$I.%%3$I INCLUDING ALL)', home, part, parent);
                    EXECUTE format('ALTER TABLE %%1$I.%%3$I ATTACH PARTITION %%1$I.%%2$I FOR VALUES FROM (%%4$s) TO (%%5$s)',
                        home, part, parent, day * day_us, (day + 1) * day_us);
                    made := made + 1;
                END LOOP;
            END LOOP;
            RETURN made;
        END $$
        $function$, current_schema());
        END $do$;
        """

    private static func view(_ table: EventTable) -> String {
        var names = ["feed", "venue"]
        if table.hasSubject { names += ["market", "instrument", "label"] }
        var columns = names.map { "\($0).text AS \($0)" }
        columns.append("nullif(t.conn, 0) AS conn")
        if table.ordinal == .seq { columns.append("t.seq") }
        columns += ["t.recv_us", "t.venue_us"]
        columns += table.columns.map { name in
            name.hasSuffix("_e6") ? "trim_scale(t.\(name) * 0.000001) AS \(name.dropLast(3))" : "t.\(name)"
        }
        let joins = names.map { "    LEFT JOIN mkt_texts AS \($0) ON \($0).text_id = t.\($0)_id\n" }.joined()
        return """
            CREATE OR REPLACE VIEW v_\(table.name) AS SELECT
                \(columns.joined(separator: ",\n    "))
            FROM \(table.name) AS t
            \(joins.dropLast());

            """
    }

    /// Who may do what, where these roles are there or may be made: a writer inserts, a reader reads.
    private static let roles = """
        DO $$
        DECLARE
            tables text := '\(EventTable.all.map(\.name).joined(separator: ", "))';
            views text := '\(EventTable.all.map { "v_\($0.name)" }.joined(separator: ", "))';
        BEGIN
            BEGIN
                IF to_regrole('mkt_writer') IS NULL THEN CREATE ROLE mkt_writer NOLOGIN; END IF;
                IF to_regrole('mkt_reader') IS NULL THEN CREATE ROLE mkt_reader NOLOGIN; END IF;
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;
            WHEN insufficient_privilege THEN
                RAISE NOTICE 'roles mkt_writer and mkt_reader are not made: this user may not';
            END;
            IF to_regrole('mkt_writer') IS NOT NULL THEN
                EXECUTE format('GRANT USAGE ON SCHEMA %I TO mkt_writer', current_schema());
                -- Duplicates go over temporary tables.
                EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO mkt_writer', current_database());
                EXECUTE 'GRANT INSERT ON ' || tables || ' TO mkt_writer';
                -- ON CONFLICT has to see what is there; the numbers of texts and the progress are looked up.
                EXECUTE 'GRANT SELECT ON ' || tables || ', mkt_meta TO mkt_writer';
                GRANT SELECT, INSERT (text) ON mkt_texts TO mkt_writer;
                GRANT SELECT, INSERT, UPDATE ON mkt_progress TO mkt_writer;
                GRANT EXECUTE ON FUNCTION mkt_make_partitions(bigint, bigint) TO mkt_writer;
            END IF;
            IF to_regrole('mkt_reader') IS NOT NULL THEN
                EXECUTE format('GRANT USAGE ON SCHEMA %I TO mkt_reader', current_schema());
                EXECUTE 'GRANT SELECT ON ' || tables || ', ' || views || ', mkt_texts, mkt_meta, mkt_progress TO mkt_reader';
                GRANT EXECUTE ON FUNCTION mkt_book_at(bigint, text, bigint) TO mkt_reader;
            END IF;
            REVOKE EXECUTE ON FUNCTION mkt_make_partitions(bigint, bigint) FROM PUBLIC;
        END $$;
        """
}
