import JSON

/// Where a value of a line stands, and of what kind it is.
struct EventValue {
    var text: JSONText
    var kind: JSONScanner.Kind
    /// The number of its line; 0 for none.
    var line: UInt32 = 0

    init(_ text: JSONText, _ kind: JSONScanner.Kind) {
        self.text = text
        self.kind = kind
    }

    init() {
        let nothing: StaticString = ""
        self.init(JSONText(base: nothing.utf8Start, count: 0), .null)
    }
}

extension EventDecoder {
    /// Reads levels straight into `levels`: they are most of a line and are not looked at twice.
    ///
    /// What is not levels is stepped over, and the fault kept: a type that we do not know may mean something else by the key.
    static func levels(
        _ scanner: inout JSONScanner, into levels: inout [Level], _ field: EventField
    ) throws(JSONError) -> (EventValue, EventError?) {
        if !levels.isEmpty { levels.removeAll(keepingCapacity: true) }
        guard try scanner.peekKind() == .array else {
            return (try readValue(&scanner), .wrongValue(field))
        }
        let attempt = scanner
        if let fault = try readLevels(&scanner, into: &levels, field) {
            scanner = attempt
            return (try readValue(&scanner), fault)
        }
        return (EventValue(), duplicateFault(in: levels, field))
    }

    private static func readLevels(
        _ scanner: inout JSONScanner, into levels: inout [Level], _ field: EventField
    ) throws(JSONError) -> EventError? {
        try scanner.beginArray()
        while try scanner.nextElement() {
            if let (price, size) = scanner.takePair() {
                guard price <= Decimal6.one else { return .outOfRange(field) }
                levels.append(Level(price, size))
                continue
            }
            guard try scanner.peekKind() == .array else { return .wrongValue(field) }
            try scanner.beginArray()
            guard try scanner.nextElement(), try scanner.peekKind().isNumeric else { return .wrongValue(field) }
            let priceText = try scanner.numberOrString()
            guard try scanner.nextElement(), try scanner.peekKind().isNumeric else { return .wrongValue(field) }
            let sizeText = try scanner.numberOrString()
            guard try !scanner.nextElement() else { return .wrongValue(field) }
            do throws(Decimal6.Fault) {
                let level = Level(try Decimal6.parse(priceText), try Decimal6.parse(sizeText))
                guard level.price.isProbability, level.size >= .zero else { return .outOfRange(field) }
                levels.append(level)
            } catch {
                return error == .notANumber ? .wrongValue(field) : .outOfRange(field)
            }
        }
        return nil
    }

    private static func duplicateFault(in levels: [Level], _ field: EventField) -> EventError? {
        guard levels.count > 1 else { return nil }
        let isRising = levels[1].price > levels[0].price
        var isStrict = true
        for index in 1..<levels.count {
            let (previous, next) = (levels[index - 1].price, levels[index].price)
            if isRising ? next <= previous : next >= previous { isStrict = false }
        }
        if isStrict { return nil }
        // Out of order is a line that somebody edited; only then is sorting worth it.
        let prices = levels.map(\.price).sorted()
        for index in 1..<prices.count where prices[index] == prices[index - 1] { return .priceTwice(field) }
        return nil
    }
}

extension JSONScanner.Kind {
    /// Whether a value of this kind may hold a number in lines that people and jq have been at.
    var isNumeric: Bool { self == .number || self == .string }
}
