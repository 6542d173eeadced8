import JSON
import MarketModel

/// Makes the row of a decoded line, or tells why the line is not what the contract says.
///
/// Everything that a type must have is asked for here, so that no target gets half a line. Words (`state`, `reason`) are kept as they are
/// told; only `aggressor_side` must be one of the contract's, since it decides what a size means.
struct RowEncoder: ~Copyable {
    private var occurrences = OccurrenceCounter()

    /// Fills `row` from what `decoder` read of `line`; its kind is known.
    ///
    /// - Parameter occurrence: Which it is of several lines that say the same, where that was counted before; nil to count it.
    mutating func encode(
        _ line: UnsafeBufferPointer<UInt8>, _ kind: EventKind, _ decoder: borrowing EventDecoder, into row: inout EventRow,
        occurrence: Int64? = nil
    ) throws(EventError) {
        row.begin(kind, at: decoder.received)
        let table = EventTable.all[Int(kind.rawValue)]
        try RowEncoder.appendEnvelope(table, decoder, to: &row)
        try RowEncoder.appendPayload(line, kind, decoder, to: &row)
        switch table.ordinal {
        case .seq: break
        case .occurrence: row.set(.ordinal, integer: occurrence ?? occurrences.number(of: row))
        case .none: break
        }
    }

    private static func appendEnvelope(
        _ table: EventTable, _ decoder: borrowing EventDecoder, to row: inout EventRow
    ) throws(EventError) {
        row.append(text: try decoder.requireText(.feed))
        row.append(text: try decoder.requireText(.venue))
        if case .none = table.subject {
            row.append(text: nil)
            row.append(text: nil)
            row.append(text: nil)
        } else {
            row.append(text: try decoder.text(.market))
            row.append(text: try decoder.text(.instrument))
            row.append(text: try decoder.text(.label))
        }
        let conn = try decoder.integer(.conn)
        if let conn, conn < 1 { throw .outOfRange(.conn) }
        row.append(integer: conn)
        row.append(integer: decoder.received.micros)
        row.append(integer: try decoder.integer(.venueUs))
        row.append(integer: table.ordinal == .seq ? try decoder.integer(.seq) : nil)
    }

    private static func appendPayload(
        _ line: UnsafeBufferPointer<UInt8>, _ kind: EventKind, _ decoder: borrowing EventDecoder, to row: inout EventRow
    ) throws(EventError) {
        switch kind {
        case .bookDelta:
            row.append(levels: decoder.bids)
            row.append(levels: decoder.asks)
            row.append(bool: try decoder.bool(.verified))
        case .bookSnapshot:
            row.append(levels: decoder.bids)
            row.append(levels: decoder.asks)
            row.append(text: try decoder.requireText(.reason))
            row.append(bool: try decoder.bool(.verified))
        case .trade: try appendTrade(decoder, to: &row)
        case .quote:
            try row.append(quote: .bid, of: decoder, isRequired: true)
            try row.append(quote: .ask, of: decoder, isRequired: true)
        case .ticker: try appendTicker(decoder, to: &row)
        case .instrument: try appendInstrument(decoder, to: &row)
        case .marketStatus:
            row.append(text: try decoder.requireText(.state))
            row.append(text: try decoder.text(.reason))
        case .resolution:
            guard decoder.has(.settlementPrice) || decoder.has(.outcomeWon) else { throw .missing(.settlementPrice) }
            try row.append(price: .settlementPrice, of: decoder)
            row.append(bool: try decoder.bool(.outcomeWon))
        case .feedStatus: try appendFeedStatus(decoder, to: &row)
        case .stageStatus:
            row.append(text: try decoder.requireText(.stage))
            row.append(text: try decoder.requireText(.state))
            try row.append(json: .counters, of: decoder, .object)
        case .ownOrder, .ownFill, .ownPosition:
            try row.append { (buffer: inout ByteBuffer) throws(EventError) in
                try CanonicalJSON.appendPayload(of: line, to: &buffer)
            }
        case .ownAccount: try appendOwnAccount(decoder, to: &row)
        case .reference: try appendReference(decoder, to: &row)
        case .decision: try appendDecision(decoder, to: &row)
        }
    }
}
