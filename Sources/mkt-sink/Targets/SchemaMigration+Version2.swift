/// What version 2 adds.
extension SchemaMigration {
    /// Whether the markets of an event exclude one another; two lines that differ in nothing else are two.
    static let negativeRisk = """
        ALTER TABLE instruments ADD COLUMN neg_risk TEXT;
        DROP INDEX instruments_identity;
        CREATE UNIQUE INDEX instruments_identity ON instruments (
            instrument_id, recv_us, feed_id, conn, ifnull(venue_us, ''), ifnull(outcome, 0), ifnull(question, 0),
            ifnull(event, 0), ifnull(slug, 0), ifnull(complement, 0), ifnull(state, 0), ifnull(tick_size_e6, ''),
            ifnull(min_size_e6, ''), ifnull(price_ranges, 0), ifnull(open_us, ''), ifnull(close_us, ''),
            ifnull(fee, 0), ifnull(neg_risk, 0), occurrence
        );

        """
}
