import JSON
import MarketModel

extension Fee {
    /// Reads the `fee` of an `instrument` line; nil where it has none.
    ///
    /// What cannot be read is a fee that is not known, and not a fault of the line: a skipped line would leave an older fee in force.
    init?(_ decoder: borrowing EventDecoder) {
        guard decoder.has(.fee) else { return nil }
        do {
            guard let text = try decoder.container(.fee) else { return nil }
            self = try Fee.read(text)
        } catch {
            self = Fee(.unknown)
        }
    }

    private static func read(_ text: JSONText) throws -> Fee {
        var fee = Fee(.unknown)
        var scanner = JSONScanner(text)
        try scanner.beginObject()
        while let key = try scanner.nextKey() {
            switch key.string {
            case "model": fee.model = model(try scanner.string().string)
            case "taker_rate": fee.takerRate = try number(&scanner)
            case "maker_rate": fee.makerRate = try number(&scanner)
            case "exponent": fee.exponent = try number(&scanner)
            case "multiplier": fee.multiplier = try number(&scanner)
            default: try scanner.skipValue()
            }
        }
        try scanner.finish()
        return fee
    }

    private static func model(_ word: String) -> Model {
        switch word {
        case "none": .free
        case "quadratic": .quadratic
        default: .unknown
        }
    }

    private static func number(_ scanner: inout JSONScanner) throws -> Int64? {
        try scanner.takeNull() ? nil : try Decimal6.parse(try scanner.numberOrString())
    }
}
