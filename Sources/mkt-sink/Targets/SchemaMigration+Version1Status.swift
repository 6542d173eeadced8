/// The rest of the tables of version 1.
extension SchemaMigration {
    /// What is said of instruments beside their prices.
    static let markets = """
        CREATE TABLE instruments (
            feed_id INTEGER NOT NULL,
            venue_id INTEGER NOT NULL,
            conn INTEGER NOT NULL,
            recv_us INTEGER NOT NULL,
            venue_us INTEGER,
            market_id INTEGER NOT NULL,
            instrument_id INTEGER NOT NULL,
            label_id INTEGER NOT NULL,
            occurrence INTEGER NOT NULL,
            outcome TEXT,
            question TEXT,
            event TEXT,
            slug TEXT,
            complement TEXT,
            state TEXT,
            tick_size_e6 INTEGER,
            min_size_e6 INTEGER,
            price_ranges TEXT,
            open_us INTEGER,
            close_us INTEGER,
            fee TEXT
        ) STRICT;
        CREATE UNIQUE INDEX instruments_identity ON instruments (
            instrument_id, recv_us, feed_id, conn, ifnull(venue_us, ''), ifnull(outcome, 0), ifnull(question, 0),
            ifnull(event, 0), ifnull(slug, 0), ifnull(complement, 0), ifnull(state, 0), ifnull(tick_size_e6, ''),
            ifnull(min_size_e6, ''), ifnull(price_ranges, 0), ifnull(open_us, ''), ifnull(close_us, ''),
            ifnull(fee, 0), occurrence
        );
        CREATE TABLE market_statuses (
            feed_id INTEGER NOT NULL,
            venue_id INTEGER NOT NULL,
            conn INTEGER NOT NULL,
            recv_us INTEGER NOT NULL,
            venue_us INTEGER,
            market_id INTEGER NOT NULL,
            instrument_id INTEGER NOT NULL,
            label_id INTEGER NOT NULL,
            occurrence INTEGER NOT NULL,
            state TEXT NOT NULL,
            reason TEXT
        ) STRICT;
        CREATE UNIQUE INDEX market_statuses_identity ON market_statuses (
            instrument_id, recv_us, feed_id, conn, ifnull(venue_us, ''), state, ifnull(reason, 0), occurrence
        );
        CREATE TABLE resolutions (
            feed_id INTEGER NOT NULL,
            venue_id INTEGER NOT NULL,
            conn INTEGER NOT NULL,
            recv_us INTEGER NOT NULL,
            venue_us INTEGER,
            market_id INTEGER NOT NULL,
            instrument_id INTEGER NOT NULL,
            label_id INTEGER NOT NULL,
            occurrence INTEGER NOT NULL,
            settlement_price_e6 INTEGER,
            outcome_won INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX resolutions_identity ON resolutions (
            instrument_id, recv_us, feed_id, conn, ifnull(venue_us, ''), ifnull(settlement_price_e6, ''),
            ifnull(outcome_won, ''), occurrence
        );

        """

    /// Breaks, and how the stages were.
    static let status = """
        CREATE TABLE feed_statuses (
            feed_id INTEGER NOT NULL,
            venue_id INTEGER NOT NULL,
            conn INTEGER NOT NULL,
            recv_us INTEGER NOT NULL,
            venue_us INTEGER,
            occurrence INTEGER NOT NULL,
            state TEXT NOT NULL,
            reason TEXT,
            since_us INTEGER,
            instruments TEXT,
            expected_seq INTEGER,
            got_seq INTEGER,
            retry_in_us INTEGER,
            counters TEXT
        ) STRICT;
        CREATE UNIQUE INDEX feed_statuses_identity ON feed_statuses (
            recv_us, feed_id, conn, ifnull(venue_us, ''), state, ifnull(reason, 0), ifnull(since_us, ''),
            ifnull(instruments, 0), ifnull(expected_seq, ''), ifnull(got_seq, ''), ifnull(retry_in_us, ''),
            ifnull(counters, 0), occurrence
        );
        CREATE TABLE stage_statuses (
            feed_id INTEGER NOT NULL,
            venue_id INTEGER NOT NULL,
            conn INTEGER NOT NULL,
            recv_us INTEGER NOT NULL,
            venue_us INTEGER,
            occurrence INTEGER NOT NULL,
            stage TEXT NOT NULL,
            state TEXT NOT NULL,
            counters TEXT
        ) STRICT;
        CREATE UNIQUE INDEX stage_statuses_identity ON stage_statuses (
            recv_us, feed_id, conn, ifnull(venue_us, ''), stage, state, ifnull(counters, 0), occurrence
        );

        """

    /// What private channels told, as JSON.
    static let privates = """
        CREATE TABLE own_orders (
            feed_id INTEGER NOT NULL,
            venue_id INTEGER NOT NULL,
            conn INTEGER NOT NULL,
            recv_us INTEGER NOT NULL,
            venue_us INTEGER,
            market_id INTEGER NOT NULL,
            instrument_id INTEGER NOT NULL,
            label_id INTEGER NOT NULL,
            occurrence INTEGER NOT NULL,
            payload TEXT NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX own_orders_identity ON own_orders (
            instrument_id, recv_us, feed_id, conn, ifnull(venue_us, ''), payload, occurrence
        );
        CREATE TABLE own_fills (
            feed_id INTEGER NOT NULL,
            venue_id INTEGER NOT NULL,
            conn INTEGER NOT NULL,
            recv_us INTEGER NOT NULL,
            venue_us INTEGER,
            market_id INTEGER NOT NULL,
            instrument_id INTEGER NOT NULL,
            label_id INTEGER NOT NULL,
            occurrence INTEGER NOT NULL,
            payload TEXT NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX own_fills_identity ON own_fills (
            instrument_id, recv_us, feed_id, conn, ifnull(venue_us, ''), payload, occurrence
        );
        CREATE TABLE own_positions (
            feed_id INTEGER NOT NULL,
            venue_id INTEGER NOT NULL,
            conn INTEGER NOT NULL,
            recv_us INTEGER NOT NULL,
            venue_us INTEGER,
            market_id INTEGER NOT NULL,
            instrument_id INTEGER NOT NULL,
            label_id INTEGER NOT NULL,
            occurrence INTEGER NOT NULL,
            payload TEXT NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX own_positions_identity ON own_positions (
            instrument_id, recv_us, feed_id, conn, ifnull(venue_us, ''), payload, occurrence
        );

        """

    /// What rules decided.
    static let decisions = """
        CREATE TABLE decisions (
            feed_id INTEGER NOT NULL,
            venue_id INTEGER NOT NULL,
            conn INTEGER NOT NULL,
            recv_us INTEGER NOT NULL,
            venue_us INTEGER,
            rule TEXT NOT NULL,
            strategy TEXT,
            action TEXT NOT NULL,
            id TEXT NOT NULL UNIQUE,
            legs TEXT,
            size_e6 INTEGER,
            cost_e6 INTEGER,
            payout_e6 INTEGER,
            fees_e6 INTEGER,
            edge_e6 INTEGER,
            profit_e6 INTEGER,
            note TEXT,
            because TEXT NOT NULL,
            rules TEXT NOT NULL,
            data TEXT,
            build TEXT
        ) STRICT;
        CREATE INDEX decisions_time ON decisions (recv_us);

        """
}
