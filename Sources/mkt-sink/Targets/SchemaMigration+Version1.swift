/// The tables of version 1.
///
/// In all of them an `…_id` is the number of a text in `texts`, 0 where the line does not tell it, and `conn` is 0 likewise. Identity is what
/// the UNIQUE rules say; NULLs are different from each other there, so they stand as a value of another type: '' for a number, 0 for a text.
/// The rules begin with instrument and time, so that they serve queries too and no other index is paid for.
extension SchemaMigration {
    /// Names, and books: kept in the order in which they are read, by instrument and time.
    static let books = """
        CREATE TABLE meta (
            name TEXT PRIMARY KEY,
            value ANY NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE texts (
            text_id INTEGER PRIMARY KEY,
            text TEXT NOT NULL UNIQUE
        ) STRICT;
        CREATE TABLE book_snapshots (
            feed_id INTEGER NOT NULL,
            venue_id INTEGER NOT NULL,
            conn INTEGER NOT NULL,
            recv_us INTEGER NOT NULL,
            venue_us INTEGER,
            market_id INTEGER NOT NULL,
            instrument_id INTEGER NOT NULL,
            label_id INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            bids TEXT NOT NULL,
            asks TEXT NOT NULL,
            reason TEXT NOT NULL,
            verified INTEGER,
            PRIMARY KEY (instrument_id, recv_us, seq, feed_id, conn)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE book_deltas (
            feed_id INTEGER NOT NULL,
            venue_id INTEGER NOT NULL,
            conn INTEGER NOT NULL,
            recv_us INTEGER NOT NULL,
            venue_us INTEGER,
            market_id INTEGER NOT NULL,
            instrument_id INTEGER NOT NULL,
            label_id INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            bids TEXT NOT NULL,
            asks TEXT NOT NULL,
            verified INTEGER,
            PRIMARY KEY (instrument_id, recv_us, seq, feed_id, conn)
        ) STRICT, WITHOUT ROWID;

        """

    /// Trades, quotes and tickers. A trade id names a trade of a venue, whichever feed told it.
    static let trades = """
        CREATE TABLE trades (
            feed_id INTEGER NOT NULL,
            venue_id INTEGER NOT NULL,
            conn INTEGER NOT NULL,
            recv_us INTEGER NOT NULL,
            venue_us INTEGER,
            market_id INTEGER NOT NULL,
            instrument_id INTEGER NOT NULL,
            label_id INTEGER NOT NULL,
            occurrence INTEGER NOT NULL,
            price_e6 INTEGER NOT NULL,
            size_e6 INTEGER NOT NULL,
            aggressor_side TEXT NOT NULL,
            trade_id TEXT,
            tx TEXT
        ) STRICT;
        CREATE UNIQUE INDEX trades_identity ON trades (
            instrument_id, recv_us, feed_id, conn, ifnull(venue_us, ''), price_e6, size_e6, aggressor_side,
            ifnull(trade_id, 0), ifnull(tx, 0), occurrence
        );
        CREATE UNIQUE INDEX trades_id ON trades (instrument_id, trade_id, venue_id) WHERE trade_id IS NOT NULL;
        CREATE TABLE quotes (
            feed_id INTEGER NOT NULL,
            venue_id INTEGER NOT NULL,
            conn INTEGER NOT NULL,
            recv_us INTEGER NOT NULL,
            venue_us INTEGER,
            market_id INTEGER NOT NULL,
            instrument_id INTEGER NOT NULL,
            label_id INTEGER NOT NULL,
            occurrence INTEGER NOT NULL,
            bid_price_e6 INTEGER,
            bid_size_e6 INTEGER,
            ask_price_e6 INTEGER,
            ask_size_e6 INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX quotes_identity ON quotes (
            instrument_id, recv_us, feed_id, conn, ifnull(venue_us, ''), ifnull(bid_price_e6, ''),
            ifnull(bid_size_e6, ''), ifnull(ask_price_e6, ''), ifnull(ask_size_e6, ''), occurrence
        );
        CREATE TABLE tickers (
            feed_id INTEGER NOT NULL,
            venue_id INTEGER NOT NULL,
            conn INTEGER NOT NULL,
            recv_us INTEGER NOT NULL,
            venue_us INTEGER,
            market_id INTEGER NOT NULL,
            instrument_id INTEGER NOT NULL,
            label_id INTEGER NOT NULL,
            occurrence INTEGER NOT NULL,
            last_price_e6 INTEGER,
            volume_e6 INTEGER,
            open_interest_e6 INTEGER,
            bid_price_e6 INTEGER,
            bid_size_e6 INTEGER,
            ask_price_e6 INTEGER,
            ask_size_e6 INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX tickers_identity ON tickers (
            instrument_id, recv_us, feed_id, conn, ifnull(venue_us, ''), ifnull(last_price_e6, ''),
            ifnull(volume_e6, ''), ifnull(open_interest_e6, ''), ifnull(bid_price_e6, ''), ifnull(bid_size_e6, ''),
            ifnull(ask_price_e6, ''), ifnull(ask_size_e6, ''), occurrence
        );

        """
}
