import Reference
import UnixTool

/// Where the data come from that rules run by beside the stream.
enum ReferenceOrigin: Sendable {
    /// Rules want none.
    case none
    case database(ReferenceNeeds)
    /// The `reference` lines of the stream, as a run of ours wrote them.
    case stream(usesLinks: Bool)
    /// Those of decisions that are held against what is decided again, each with the number of lines that came before.
    case told([(lines: Int64, data: ReferenceData)], usesLinks: Bool)

    /// What `--db` says for the lines of the stream.
    static let streamWord = "stream"

    init(
        _ rules: RuleSet, hasLinks: Bool, _ url: String?, isFlag: Bool, verifiedPath: String?, _ timings: ReferenceSettings,
        _ settings: Settings
    ) throws(ToolFailure) {
        let usesLinks = !hasLinks && rules.rules.contains(where: \.usesLinks)
        guard rules.rules.contains(where: \.usesDatabase) || (usesLinks && url != nil) else {
            self = .none
            return
        }
        if url == ReferenceOrigin.streamWord {
            self = .stream(usesLinks: usesLinks)
        } else if let verifiedPath {
            self = .told(try ToldReferences.read(verifiedPath), usesLinks: usesLinks)
        } else if let url {
            self = .database(try ReferenceNeeds(rules, url, isFlag: isFlag, usesLinks: usesLinks, timings, settings))
        } else if let rule = rules.rules.first(where: \.usesDatabase) {
            throw ToolFailure(.configuration, "rule '\(rule.name)' asks a database and none is named; give --db (docs/reference.md)")
        } else {
            self = .none
        }
    }

    /// How it becomes rules and links; nil where rules want none.
    func reading(_ source: RuleSource) -> ReferenceReading? {
        switch self {
        case .none: nil
        case .database(let needs):
            ReferenceReading(source: source, usesLinks: needs.usesLinks, windows: needs.windows, isOfStream: false)
        case .stream(let usesLinks): ReferenceReading(source: source, usesLinks: usesLinks, windows: nil, isOfStream: true)
        case .told(_, let usesLinks): ReferenceReading(source: source, usesLinks: usesLinks, windows: nil, isOfStream: false)
        }
    }
}
