import JSON
import MarketModel

/// The payloads with many keys, in the order of their `EventTable`.
extension RowEncoder {
    static func appendTrade(_ decoder: borrowing EventDecoder, to row: inout EventRow) throws(EventError) {
        row.append(integer: try decoder.requirePrice(.price).millionths)
        row.append(integer: try decoder.requireSize(.size).millionths)
        let side = try decoder.requireText(.aggressorSide)
        guard side.isEqual(to: "buy") || side.isEqual(to: "sell") || side.isEqual(to: "unknown") else {
            throw .wrongValue(.aggressorSide)
        }
        row.append(text: side)
        row.append(text: try decoder.text(.tradeID))
        row.append(text: try decoder.text(.tx))
    }

    static func appendTicker(_ decoder: borrowing EventDecoder, to row: inout EventRow) throws(EventError) {
        try row.append(price: .lastPrice, of: decoder)
        try row.append(size: .volume, of: decoder)
        try row.append(size: .openInterest, of: decoder)
        try row.append(quote: .bid, of: decoder, isRequired: false)
        try row.append(quote: .ask, of: decoder, isRequired: false)
    }

    static func appendInstrument(_ decoder: borrowing EventDecoder, to row: inout EventRow) throws(EventError) {
        row.append(text: try decoder.text(.outcome))
        row.append(text: try decoder.text(.question))
        row.append(text: try decoder.text(.event))
        row.append(text: try decoder.text(.slug))
        row.append(text: try decoder.text(.complement))
        row.append(text: try decoder.text(.state))
        try row.append(price: .tickSize, of: decoder)
        try row.append(size: .minSize, of: decoder)
        try row.append(json: .priceRanges, of: decoder, .array)
        row.append(integer: try decoder.integer(.openUs))
        row.append(integer: try decoder.integer(.closeUs))
        try row.append(json: .fee, of: decoder, .object)
        row.append(text: try decoder.text(.negRisk))
    }

    static func appendFeedStatus(_ decoder: borrowing EventDecoder, to row: inout EventRow) throws(EventError) {
        row.append(text: try decoder.requireText(.state))
        row.append(text: try decoder.text(.reason))
        row.append(integer: try decoder.integer(.sinceUs))
        try row.append(json: .instruments, of: decoder, .array)
        row.append(integer: try decoder.integer(.expectedSeq))
        row.append(integer: try decoder.integer(.gotSeq))
        row.append(integer: try decoder.integer(.retryInUs))
        try row.append(json: .counters, of: decoder, .object)
    }

    static func appendOwnAccount(_ decoder: borrowing EventDecoder, to row: inout EventRow) throws(EventError) {
        row.append(text: try decoder.requireText(.rule))
        for field in [EventField.realizedPnl, .feesPaid, .unrealizedPnl, .pnl] {
            row.append(integer: try decoder.millionths(field))
        }
        row.append(integer: try decoder.integer(.positions))
    }

    static func appendDecision(_ decoder: borrowing EventDecoder, to row: inout EventRow) throws(EventError) {
        row.append(text: try decoder.requireText(.rule))
        row.append(text: try decoder.text(.strategy))
        row.append(text: try decoder.requireText(.action))
        row.append(text: try decoder.requireText(.id))
        try row.append(json: .legs, of: decoder, .array)
        try row.append(size: .size, of: decoder)
        for field in [EventField.cost, .payout, .fees, .edge, .profit] {
            row.append(integer: try decoder.millionths(field))
        }
        row.append(text: try decoder.text(.note))
        guard decoder.has(.because) else { throw .missing(.because) }
        try row.append(json: .because, of: decoder, .array)
        row.append(text: try decoder.requireText(.rules))
        row.append(text: try decoder.text(.data))
        row.append(text: try decoder.text(.build))
    }
}
