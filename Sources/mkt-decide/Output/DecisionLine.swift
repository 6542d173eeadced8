import JSON
import MarketModel
import OpenSSL
import UnixTool

/// Writes `decision` lines: keys in the contract's order, an id that follows from what was decided and on which lines.
struct DecisionLine: ~Copyable {
    private static let idBytes = 8

    /// The key and the version of the rules.
    private var rules: [UInt8]
    /// The version of the links, for decisions that stand on them.
    private var linksHash: String
    /// The version of what a database says; nil without one.
    private var dataVersion: String?
    private let areLinksOfDatabase: Bool
    /// The beginning of the hash over `identity`.
    private var hash = SHA256State()
    /// From behind the versions to the end of a line.
    private let build: [UInt8]
    var because = ByteBuffer(capacity: 512)
    var identity = ByteBuffer(capacity: 1024)
    var legs = ByteBuffer(capacity: 1024)
    /// Texts of the line that triggered, which stand in several places of a decision.
    private var texts = TriggerTexts()
    /// The id of the line that was written last.
    private(set) var lastID: UInt64 = 0

    /// The same as it stands in the line.
    var lastIDText: String {
        let digits = String(lastID, radix: 16)
        return String(repeating: "0", count: 2 * DecisionLine.idBytes - digits.utf8.count) + digits
    }

    init(_ rules: RuleSet, _ links: LinkSet = .none, areLinksOfDatabase: Bool = false) {
        self.rules = DecisionLine.spelling(rules)
        linksHash = links.hash
        self.areLinksOfDatabase = areLinksOfDatabase
        var build = ByteBuffer(capacity: 64)
        build.append(.build, string: Doorway.version)
        build.endEvent()
        self.build = Array(build.bytes)
    }

    private static func spelling(_ rules: RuleSet) -> [UInt8] {
        var text = ByteBuffer(capacity: 128)
        text.append(.rules, string: rules.hash)
        return Array(text.bytes)
    }

    /// Names other rules and data from now on.
    mutating func adopt(_ set: ReferenceSet) {
        rules = DecisionLine.spelling(set.rules)
        dataVersion = set.data.version
    }

    /// The version of all that a decision stands on beside rules and lines; nil for nothing.
    func data(_ rule: Rule, usesLinks: Bool) -> String? {
        let links = usesLinks && !areLinksOfDatabase ? linksHash : nil
        let database = rule.usesDatabase || (usesLinks && areLinksOfDatabase) ? dataVersion : nil
        guard let links, let database else { return links ?? database }
        var both = "\(links)\n\(database)\n"
        return both.withUTF8 { Digest.hex(.sha256, of: $0) }
    }

    /// Appends a line with its newline.
    mutating func write(
        _ finding: Finding, of rule: Rule, on trigger: Trigger, outcome: String?, _ ordinal: DecisionOrdinals.Ordinal,
        to buffer: inout ByteBuffer
    ) {
        texts.take(trigger)
        because.removeAll()
        appendBecause(finding, trigger)
        DecisionLine.appendHead(rule, rule.action, venue: texts.venue, received: trigger.received, to: &buffer)
        let data = data(rule, usesLinks: false)
        appendID(rule, finding, data, ordinal, to: &buffer)
        appendLeg(finding, trigger, outcome, to: &buffer)
        buffer.append(.size, millionths: finding.size?.millionths)
        buffer.append(.cost, millionths: finding.cost)
        buffer.append(",\"note\":")
        finding.note.bytes.withUnsafeBufferPointer { buffer.append(quoting: $0) }
        appendTail(data: data, to: &buffer)
    }

    /// The same for a group of instruments.
    ///
    /// - Parameter venue: Of the line that triggered it; where time alone did, of what it is about.
    mutating func write(
        _ watch: GroupWatch, _ content: GroupContent, note: String, in router: borrowing Router, venue: JSONText, at received: Timestamp,
        _ ordinal: DecisionOrdinals.Ordinal, to buffer: inout ByteBuffer
    ) {
        let rule = watch.assignment.rule
        because.removeAll()
        legs.removeAll()
        GroupLegs.appendBecause(watch, in: router, to: &because)
        GroupLegs.append(watch, content, in: router, to: &legs)
        let total = content.total
        var action = rule.action
        if case .held = content { action = .alert }
        DecisionLine.appendHead(rule, action, venue: venue, received: received, to: &buffer)
        let data = data(rule, usesLinks: watch.usesLinks)
        appendID(rule, watch, venue, at: received, data, ordinal, to: &buffer)
        buffer.appendKey(.legs)
        buffer.append(legs.bytes)
        buffer.append(.size, millionths: total?.size)
        buffer.append(.cost, millionths: total?.cost)
        buffer.append(.payout, millionths: total?.payout)
        buffer.append(.fees, millionths: total?.fees)
        buffer.append(.edge, millionths: total?.edge)
        buffer.append(.profit, millionths: total?.profit)
        buffer.append(.note, string: note)
        appendTail(data: data, to: &buffer)
    }

    /// Up to the key of the id. Without market, instrument and label: those are of market data. What a decision is about stands in `legs`.
    static func appendHead(
        _ rule: Rule, _ action: Rule.Action, venue: JSONText, received: Timestamp, to buffer: inout ByteBuffer
    ) {
        var quoted = ByteBuffer(capacity: 64)
        quoted.append(string: venue)
        appendHead(rule, action, venue: quoted.bytes, received: received, to: &buffer)
    }

    /// The same for a venue with its quotes.
    private static func appendHead(
        _ rule: Rule, _ action: Rule.Action, venue: UnsafeBufferPointer<UInt8>, received: Timestamp, to buffer: inout ByteBuffer
    ) {
        buffer.append("{\"v\":1,\"type\":\"decision\",\"feed\":\"mkt-decide\",\"venue\":")
        buffer.append(venue)
        buffer.append(",\"recv_us\":")
        buffer.append(integer: received.micros)
        buffer.append(rule.names)
        buffer.append(",\"action\":\"")
        buffer.append(action.word)
        buffer.append("\",\"id\":")
    }

    /// From behind the note to the end of the line.
    func appendTail(data: String?, to buffer: inout ByteBuffer) {
        buffer.append(",\"because\":")
        buffer.append(because.bytes)
        buffer.append(rules)
        buffer.append(.data, string: data)
        buffer.append(build)
    }

    private func appendLeg(_ finding: Finding, _ trigger: Trigger, _ outcome: String?, to buffer: inout ByteBuffer) {
        buffer.append(",\"legs\":[{\"venue\":")
        buffer.append(texts.venue)
        buffer.append(",\"market\":")
        buffer.append(string: trigger.market)
        buffer.append(",\"instrument\":")
        buffer.append(texts.instrument)
        buffer.append(.label, string: trigger.label)
        buffer.append(.outcome, string: outcome)
        buffer.append(.price, millionths: finding.legPrice?.millionths)
        buffer.append(.size, millionths: finding.legSize?.millionths)
        buffer.append("}]")
    }

    /// The lines that a decision stands on, oldest first.
    private mutating func appendBecause(_ finding: Finding, _ trigger: Trigger) {
        because.append("[")
        if let earlier = finding.earlier {
            appendGround(conn: earlier.conn, seq: earlier.seq, earlier.received)
            because.append("},")
        }
        appendGround(conn: trigger.conn, seq: trigger.seq, trigger.received)
        because.append(.tradeID, string: trigger.tradeID)
        because.append("}]")
    }

    private mutating func appendGround(conn: Int64?, seq: Int64?, _ received: Timestamp) {
        because.append("{\"instrument\":")
        because.append(texts.instrument)
        because.append(",\"feed\":")
        because.append(texts.feed)
        if let conn {
            because.append(",\"conn\":")
            because.append(integer: conn)
        }
        if let seq {
            because.append(",\"seq\":")
            because.append(integer: seq)
        }
        because.append(",\"recv_us\":")
        because.append(integer: received.micros)
    }

    /// The first 16 hex digits of a SHA-256 over the rule, the lines it stood on, and what tells equal lines apart.
    private mutating func appendID(
        _ rule: Rule, _ finding: Finding, _ data: String?, _ ordinal: DecisionOrdinals.Ordinal, to buffer: inout ByteBuffer
    ) {
        beginIdentity(rule, texts.venue)
        if let price = finding.legPrice, let size = finding.legSize {
            identity.append(millionths: price.millionths)
            identity.append(" ")
            identity.append(millionths: size.millionths)
        }
        if let data { identity.append(utf8: data) }
        endIdentity(ordinal, to: &buffer)
    }

    /// The same over the legs with all their numbers, the total being the sum of them, and the links.
    private mutating func appendID(
        _ rule: Rule, _ watch: GroupWatch, _ venue: JSONText, at received: Timestamp, _ data: String?,
        _ ordinal: DecisionOrdinals.Ordinal, to buffer: inout ByteBuffer
    ) {
        beginIdentity(rule, venue)
        identity.append(legs.bytes)
        if let data { identity.append(utf8: data) }
        // Another worth, or another line that told it, is another decision on the same book lines.
        if let settlement = (watch as? BasketWatch)?.settlement {
            identity.append(millionths: settlement.price.millionths)
            identity.append(utf8: settlement.teller)
            identity.append(" ")
            identity.append(integer: received.micros)
        }
        endIdentity(ordinal, to: &buffer)
    }

    mutating func beginIdentity(_ rule: Rule, _ venue: JSONText) {
        var quoted = ByteBuffer(capacity: 64)
        quoted.append(string: venue)
        beginIdentity(rule, quoted.bytes)
    }

    /// The same for a venue with its quotes.
    private mutating func beginIdentity(_ rule: Rule, _ venue: UnsafeBufferPointer<UInt8>) {
        hash = rule.identity
        identity.removeAll()
        identity.append(venue)
        identity.append("\n")
        identity.append(because.bytes)
        identity.append("\n")
    }

    mutating func endIdentity(_ ordinal: DecisionOrdinals.Ordinal, to buffer: inout ByteBuffer) {
        identity.append("\n")
        ordinal.append(to: &identity)
        hash.update(identity.bytes)
        lastID = hash.finishShort()
        buffer.append("\"")
        let digits = buffer.spare(2 * DecisionLine.idBytes)
        let hex: StaticString = "0123456789abcdef"
        for place in 0..<2 * DecisionLine.idBytes {
            digits[place] = hex.utf8Start[Int(truncatingIfNeeded: lastID >> UInt64(60 - 4 * place)) & 15]
        }
        buffer.commit(2 * DecisionLine.idBytes)
        buffer.append("\"")
    }
}
