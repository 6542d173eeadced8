import UnixTool

/// Fires when an instrument trades away from what a share of it pays, after that is known, by more than fees.
///
/// It is known from a `resolution` of the instrument or of its complement; with `through_links` also from one of an instrument of another
/// venue that an approved link says to be the same question, or its inverse.
struct ResolutionArbStrategy: BasketStrategy {
    static let name = "resolution_arb"
    let limits: BasketLimits
    let throughLinks: Bool

    init(_ reader: inout RuleReader) throws(ToolFailure) {
        throughLinks = try reader.bool("through_links") ?? false
        limits = try BasketLimits(&reader)
    }

    var source: GroupSource { .settled(throughLinks: throughLinks) }

    var values: [String: RuleValue] {
        limits.values.merging(["through_links": .text(throughLinks ? "true" : "false")]) { $1 }
    }

    var summary: String {
        "an instrument whose settlement price is told\(throughLinks ? ", or that of a linked one," : "") earns \(limits.summary)"
    }
}
