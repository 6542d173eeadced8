public import JSON

/// Why a line is not a MarketEvent.
public enum EventError: Error, Equatable, Sendable {
    case json(JSONError)
    /// `v` is not 1.
    case version
    case missing(EventField)
    /// The value is of another kind than the contract's, or a word that the contract does not have.
    case wrongValue(EventField)
    /// More than six decimals, below zero, above one for a price, or beyond 64 bits.
    case outOfRange(EventField)
    /// A price stands twice on one side.
    case priceTwice(EventField)

    /// A few words for counters, without the place: `missing_price`.
    public var counter: String {
        switch self {
        case .json: "malformed_json"
        case .version: "unknown_version"
        case .missing(let field): "missing_\(field.name)"
        case .wrongValue(let field): "wrong_\(field.name)"
        case .outOfRange(let field): "out_of_range_\(field.name)"
        case .priceTwice(let field): "price_twice_\(field.name)"
        }
    }
}

extension EventError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .json(let error): error.description
        case .version: "\"v\" is not 1: made by another version of the tools"
        case .missing(let field): "\"\(field.name)\" is missing"
        case .wrongValue(let field): "\"\(field.name)\" is not what the contract says"
        case .outOfRange(let field): "\"\(field.name)\" is out of range or has more than six decimals"
        case .priceTwice(let field): "a price stands twice in \"\(field.name)\""
        }
    }
}
