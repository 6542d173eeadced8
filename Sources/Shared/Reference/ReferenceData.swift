import JSON
import OpenSSL
public import UnixTool

/// What a database said at one moment, in one order, so that equal content is equal whatever the database.
public struct ReferenceData: Sendable {
    /// What a rule shall run by.
    public struct Parameter: Equatable, Sendable {
        public let rule: String
        public let key: String
        public let value: String

        public init(rule: String, key: String, value: String) {
            self.rule = rule
            self.key = key
            self.value = value
        }
    }

    /// A number about an instrument.
    public struct Value: Equatable, Sendable {
        public let venue: String
        public let instrument: String
        public let name: String
        public let millionths: Int64

        public init(venue: String, instrument: String, name: String, millionths: Int64) {
            self.venue = venue
            self.instrument = instrument
            self.name = name
            self.millionths = millionths
        }
    }

    /// As JSON it fits into a line with room to spare.
    static let byteCountMax = 3 << 20

    /// One text for each column of `ReferenceQuery.links`, in rising byte order.
    public let links: [[String]]
    /// By rule and key, each pair once.
    public let parameters: [Parameter]
    /// By venue, instrument and name, each triple once.
    public let values: [Value]
    /// By venue, instrument and window, each triple once.
    public let history: [HistoryStatistics]
    /// SHA-256, in hex, of all of it in canonical form.
    public let version: String
    /// Of the JSON that `write` writes.
    public let byteCount: Int

    /// Sorts and checks what was read.
    public init(
        links: [[String]] = [], parameters: [Parameter] = [], values: [Value] = [], history: [HistoryStatistics] = []
    ) throws(ToolFailure) {
        precondition(links.allSatisfy { $0.count == ReferenceQuery.links.columns.count }, "a link with other columns")
        self.links = SortedOnce.sorted(links) { $0 }
        self.parameters = try SortedOnce.unique(parameters, { [$0.rule, $0.key] }) {
            "query parameters: rule '\($0.rule)' has the key '\($0.key)' twice; take one of the rows away"
        }
        self.values = try SortedOnce.unique(values, { [$0.venue, $0.instrument, $0.name] }) {
            "query values: \($0.venue) \($0.instrument) has the value '\($0.name)' twice; take one of the rows away"
        }
        // Windows in the order of their lengths: as many digits for each.
        self.history = try SortedOnce.unique(history, { [$0.venue, $0.instrument, SortedOnce.padded($0.windowMicros)] }) {
            "query history: \($0.venue) \($0.instrument) has two windows of \($0.windowMicros) us"
        }
        var content = ByteBuffer(capacity: 1 << 16)
        ReferenceData.append(links: self.links, parameters: self.parameters, values: self.values, history: self.history, to: &content)
        version = Digest.hex(.sha256, of: content.bytes)
        byteCount = content.count + ReferenceData.versionByteCount
        guard byteCount <= ReferenceData.byteCountMax else { throw ReferenceData.tooLarge }
    }

    /// The content of a database without rows.
    public static let empty: ReferenceData = {
        guard let empty = try? ReferenceData() else { preconditionFailure("nothing is too much") }
        return empty
    }()

    static let tooLarge = ToolFailure(
        .configuration,
        "the reference data is larger than \(byteCountMax >> 20) MiB; narrow the queries to the markets that the rules are about")
}

extension ReferenceData: Equatable {
    /// By the version: Swift takes texts for equal that have other bytes.
    public static func == (left: ReferenceData, right: ReferenceData) -> Bool { left.version == right.version }
}
