/// What version 3 adds.
extension SchemaMigration {
    /// The accounts of rules that trade on paper.
    static let paperAccounts = """
        CREATE TABLE own_accounts (
            feed_id INTEGER NOT NULL,
            venue_id INTEGER NOT NULL,
            conn INTEGER NOT NULL,
            recv_us INTEGER NOT NULL,
            venue_us INTEGER,
            occurrence INTEGER NOT NULL,
            rule TEXT NOT NULL,
            realized_pnl_e6 INTEGER,
            fees_paid_e6 INTEGER,
            unrealized_pnl_e6 INTEGER,
            pnl_e6 INTEGER,
            positions INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX own_accounts_identity ON own_accounts (
            rule, recv_us, feed_id, conn, ifnull(venue_us, ''), ifnull(realized_pnl_e6, ''), ifnull(fees_paid_e6, ''),
            ifnull(unrealized_pnl_e6, ''), ifnull(pnl_e6, ''), ifnull(positions, ''), occurrence
        );

        """
}
