import JSON
import MarketModel
import OpenSSL
import UnixTool

/// Writes `decision` lines: keys in the contract's order, an id that follows from what was decided and on which lines.
struct DecisionLine: ~Copyable {
    private static let idBytes = 8

    private var rulesHash: String
    /// The version of the links, for decisions that stand on them.
    private var linksHash: String
    /// The version of what a database says; nil without one.
    private var dataVersion: String?
    private let areLinksOfDatabase: Bool
    private var digest = Digest(.sha256)
    var because = ByteBuffer(capacity: 512)
    var identity = ByteBuffer(capacity: 1024)
    var legs = ByteBuffer(capacity: 1024)
    /// The id of the line that was written last.
    private(set) var lastID: UInt64 = 0

    /// The same as it stands in the line.
    var lastIDText: String {
        let digits = String(lastID, radix: 16)
        return String(repeating: "0", count: 2 * DecisionLine.idBytes - digits.utf8.count) + digits
    }

    init(_ rules: RuleSet, _ links: LinkSet = .none, areLinksOfDatabase: Bool = false) {
        rulesHash = rules.hash
        linksHash = links.hash
        self.areLinksOfDatabase = areLinksOfDatabase
    }

    /// Names other rules and data from now on.
    mutating func adopt(_ set: ReferenceSet) {
        rulesHash = set.rules.hash
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
        because.removeAll()
        DecisionLine.appendBecause(finding, trigger, to: &because)
        DecisionLine.appendHead(rule, rule.action, venue: trigger.venue, received: trigger.received, to: &buffer)
        appendID(rule, trigger, finding, ordinal, to: &buffer)
        DecisionLine.appendLeg(finding, trigger, outcome, to: &buffer)
        buffer.append(.size, millionths: finding.size?.millionths)
        buffer.append(.cost, millionths: finding.cost)
        buffer.appendKey(.note)
        finding.note.bytes.withUnsafeBufferPointer { buffer.append(quoting: $0) }
        appendTail(data: data(rule, usesLinks: false), to: &buffer)
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
        appendID(rule, watch, venue, at: received, ordinal, to: &buffer)
        buffer.appendKey(.legs)
        buffer.append(legs.bytes)
        buffer.append(.size, millionths: total?.size)
        buffer.append(.cost, millionths: total?.cost)
        buffer.append(.payout, millionths: total?.payout)
        buffer.append(.fees, millionths: total?.fees)
        buffer.append(.edge, millionths: total?.edge)
        buffer.append(.profit, millionths: total?.profit)
        buffer.append(.note, string: note)
        appendTail(data: data(rule, usesLinks: watch.usesLinks), to: &buffer)
    }

    /// Up to the key of the id. Without market, instrument and label: those are of market data. What a decision is about stands in `legs`.
    static func appendHead(
        _ rule: Rule, _ action: Rule.Action, venue: JSONText, received: Timestamp, to buffer: inout ByteBuffer
    ) {
        buffer.append("{\"v\":1,\"type\":\"decision\",\"feed\":\"mkt-decide\"")
        buffer.append(.venue, string: venue)
        buffer.append(.recvUs, integer: received.micros)
        buffer.append(rule.names)
        buffer.append(.action, word: action.word)
        buffer.appendKey(.id)
    }

    /// From behind the note to the end of the line.
    func appendTail(data: String?, to buffer: inout ByteBuffer) {
        buffer.appendKey(.because)
        buffer.append(because.bytes)
        buffer.append(.rules, string: rulesHash)
        buffer.append(.data, string: data)
        buffer.append(.build, string: Doorway.version)
        buffer.endEvent()
    }

    private static func appendLeg(_ finding: Finding, _ trigger: Trigger, _ outcome: String?, to buffer: inout ByteBuffer) {
        buffer.appendKey(.legs)
        buffer.append("[{\"venue\":")
        buffer.append(string: trigger.venue)
        buffer.append(.market, string: trigger.market)
        buffer.append(.instrument, string: trigger.instrument)
        buffer.append(.label, string: trigger.label)
        buffer.append(.outcome, string: outcome)
        buffer.append(.price, millionths: finding.legPrice?.millionths)
        buffer.append(.size, millionths: finding.legSize?.millionths)
        buffer.append("}]")
    }

    /// The lines that a decision stands on, oldest first.
    private static func appendBecause(_ finding: Finding, _ trigger: Trigger, to buffer: inout ByteBuffer) {
        buffer.append("[")
        if let earlier = finding.earlier {
            append(trigger, conn: earlier.conn, seq: earlier.seq, earlier.received, to: &buffer)
            buffer.append("},")
        }
        append(trigger, conn: trigger.conn, seq: trigger.seq, trigger.received, to: &buffer)
        buffer.append(.tradeID, string: trigger.tradeID)
        buffer.append("}]")
    }

    private static func append(
        _ trigger: Trigger, conn: Int64?, seq: Int64?, _ received: Timestamp, to buffer: inout ByteBuffer
    ) {
        buffer.append("{\"instrument\":")
        buffer.append(string: trigger.instrument)
        buffer.append(.feed, string: trigger.feed)
        buffer.append(.conn, integer: conn)
        buffer.append(.seq, integer: seq)
        buffer.append(.recvUs, integer: received.micros)
    }

    /// The first 16 hex digits of a SHA-256 over the rule, the lines it stood on, and what tells equal lines apart.
    private mutating func appendID(
        _ rule: Rule, _ trigger: Trigger, _ finding: Finding, _ ordinal: DecisionOrdinals.Ordinal, to buffer: inout ByteBuffer
    ) {
        beginIdentity(rule, trigger.venue)
        if let price = finding.legPrice, let size = finding.legSize {
            identity.append(millionths: price.millionths)
            identity.append(" ")
            identity.append(millionths: size.millionths)
        }
        if let data = data(rule, usesLinks: false) { identity.append(utf8: data) }
        endIdentity(ordinal, to: &buffer)
    }

    /// The same over the legs with all their numbers, the total being the sum of them, and the links.
    private mutating func appendID(
        _ rule: Rule, _ watch: GroupWatch, _ venue: JSONText, at received: Timestamp, _ ordinal: DecisionOrdinals.Ordinal,
        to buffer: inout ByteBuffer
    ) {
        beginIdentity(rule, venue)
        identity.append(legs.bytes)
        if let data = data(rule, usesLinks: watch.usesLinks) { identity.append(utf8: data) }
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
        identity.removeAll()
        identity.append(utf8: rule.canonicalText)
        identity.append("\n")
        identity.append(string: venue)
        identity.append("\n")
        identity.append(because.bytes)
        identity.append("\n")
    }

    mutating func endIdentity(_ ordinal: DecisionOrdinals.Ordinal, to buffer: inout ByteBuffer) {
        identity.append("\n")
        identity.append(utf8: ordinal.text)
        digest.begin()
        digest.update(identity.bytes)
        let hex: StaticString = "0123456789abcdef"
        buffer.append("\"")
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: digest.algorithm.byteCount) { hash in
            digest.finish(into: hash)
            lastID = hash.prefix(DecisionLine.idBytes).reduce(0) { $0 << 8 | UInt64($1) }
            for byte in hash.prefix(DecisionLine.idBytes) {
                buffer.append(hex.utf8Start[Int(byte >> 4)])
                buffer.append(hex.utf8Start[Int(byte & 15)])
            }
        }
        buffer.append("\"")
    }
}
