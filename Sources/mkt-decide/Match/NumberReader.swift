/// Finds the numbers of a question and what is asked of them.
struct NumberReader {
    private(set) var quantities: [Quantity] = []

    /// Reads them and marks their lexemes as used. Dates and times must have been read.
    init(_ text: inout QuestionText) {
        NumberReader.spell(&text)
        for index in 0..<text.count {
            guard let ordinal = text.word(index).flatMap({ NumberReader.ordinals[$0] }) else { continue }
            let value = ordinal * Quantity.one
            quantities.append(Quantity(bound: .exact, low: value, high: value, label: "th"))
            text.use(index..<index + 1)
        }
        var index = 0
        while index < text.count {
            index = text[index]?.value == nil ? index + 1 : take(&text, index)
        }
    }

    // MARK: Numbers in words

    private static let small: [String: Int64] = [
        "zero": 0, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
        "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
        "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    ]

    private static let ordinals: [String: Int64] = [
        "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
    ]

    private static let scales: [String: Int64] = [
        "k": 1000, "thousand": 1000, "m": 1_000_000, "mm": 1_000_000, "mn": 1_000_000, "million": 1_000_000, "b": 1_000_000_000,
        "bn": 1_000_000_000, "billion": 1_000_000_000, "t": 1_000_000_000_000, "tn": 1_000_000_000_000, "trillion": 1_000_000_000_000,
        "hundred": 100,
    ]

    private static func spell(_ text: inout QuestionText) {
        for index in 0..<text.count {
            guard let word = text.word(index), var value = small[word] else { continue }
            var end = index + 1
            let next = text.isMark(end, "-") ? end + 1 : end
            if value >= 20, let units = text.word(next).flatMap({ small[$0] }), units < 10 {
                value += units
                end = next + 1
            }
            text.setNumber(value * Quantity.one, at: index, using: index..<end)
        }
    }

    // MARK: One number

    /// A number with its scale and unit, and where it ends.
    private struct Amount {
        var value: Int64
        var unit = Quantity.Unit.none
        var start: Int
        var end: Int
        var label = ""
    }

    private mutating func take(_ text: inout QuestionText, _ index: Int) -> Int {
        guard var first = NumberReader.amount(text, index) else { return index + 1 }
        var quantity = Quantity(bound: .exact, low: first.value, high: first.value, unit: first.unit, label: first.label)
        if let second = NumberReader.rangeEnd(text, first), second.value >= first.value {
            quantity.bound = .between
            quantity.high = second.value
            if first.unit == .none { quantity.unit = second.unit }
            first.end = second.end
        }
        text.use(first.start..<first.end)
        if quantity.bound == .exact {
            if !readBehind(&text, first.end, &quantity) { readBefore(&text, first.start, &quantity) }
        }
        if quantity.label.isEmpty { quantity.label = NumberReader.label(text, first) }
        quantities.append(quantity)
        return first.end
    }

    private static func amount(_ text: QuestionText, _ index: Int) -> Amount? {
        guard let value = text[index]?.value else { return nil }
        var amount = Amount(value: value, start: index, end: index + 1)
        if text.isMark(index - 1, "$") { (amount.unit, amount.start) = (.dollar, index - 1) }
        let isMinus = NumberReader.isMinus(text, amount.start - 1)
        if isMinus { amount.start -= 1 }
        if let word = text.word(amount.end), let scale = scales[word], text[amount.end]?.isGlued == true || word.utf8.count > 2 {
            let (product, overflow) = amount.value.multipliedReportingOverflow(by: scale)
            guard !overflow else { return nil }
            (amount.value, amount.end) = (product, amount.end + 1)
        }
        readUnit(text, &amount)
        // `Chiefs (-3.5)` is a handicap: they win by more than that.
        let isHandicap = amount.unit == .none && text.isMark(amount.start - 1, "(")
        if isMinus, !isHandicap { amount.value = -amount.value }
        return amount
    }

    /// Whether a dash belongs to the number behind it, and not to what is before: `above -5`, `(-5)`; but `74-75`, `U-3`, `rate - 5`.
    private static func isMinus(_ text: QuestionText, _ place: Int) -> Bool {
        guard text.isMark(place, "-"), place + 1 < text.count, text.lexemes[place + 1].isGlued else { return false }
        return place == 0 || !text.lexemes[place].isGlued || text.lexemes[place - 1].text == "("
    }

    private static func readUnit(_ text: QuestionText, _ amount: inout Amount) {
        let end = amount.end
        if text.isMark(end, "%") || text.word(end) == "percent" || text.word(end) == "pct" {
            (amount.unit, amount.end) = (.percent, end + 1)
        } else if text.isMark(end, "\u{B0}") {
            let isNamed = ["f", "c"].contains(text.word(end + 1) ?? "")
            (amount.unit, amount.end) = (.degree, isNamed ? end + 2 : end + 1)
        } else if let word = text.word(end) {
            switch word {
            case "f" where text[end]?.isGlued == true: (amount.unit, amount.end) = (.degree, end + 1)
            case "degrees": (amount.unit, amount.end) = (.degree, end + 1)
            case "bps", "bp": (amount.unit, amount.end, amount.value) = (.percent, end + 1, amount.value / 100)
            case "basis" where ["point", "points"].contains(text.word(end + 1) ?? ""):
                (amount.unit, amount.end, amount.value) = (.percent, end + 2, amount.value / 100)
            case "minute", "minutes", "min", "mins": (amount.unit, amount.end) = (.minute, end + 1)
            case "st", "nd", "rd", "th":
                if text[end]?.isGlued == true { (amount.label, amount.end) = ("th", end + 1) }
            case "dollars", "usd": (amount.unit, amount.end) = (.dollar, end + 1)
            default: break
            }
        }
    }

    /// The other end of `74-75` or of `between 82,000 and 84,000`.
    private static func rangeEnd(_ text: QuestionText, _ first: Amount) -> Amount? {
        var next = first.end
        let isBetween = ["between", "from"].contains(text.word(first.start - 1) ?? "")
        guard text.isMark(next, "-") || text.word(next) == "to" || (isBetween && text.word(next) == "and") else { return nil }
        next += 1
        if NumberReader.isMinus(text, next) { next += 1 }
        if text.isMark(next, "$") { next += 1 }
        guard text[next]?.value != nil else { return nil }
        return amount(text, next)
    }

    // MARK: What is asked of it

    /// `or more`, `+`, `or below`. True if there is such a word.
    private func readBehind(_ text: inout QuestionText, _ end: Int, _ quantity: inout Quantity) -> Bool {
        if text.isMark(end, "+") {
            (quantity.bound, quantity.isInclusive) = (.above, true)
            text.use(end..<end + 1)
            // `50+ bps`
            var rest = Amount(value: quantity.low, start: end, end: end + 1)
            NumberReader.readUnit(text, &rest)
            if rest.unit != .none {
                (quantity.low, quantity.high, quantity.unit) = (rest.value, rest.value, rest.unit)
                text.use(end + 1..<rest.end)
            }
            return true
        }
        // `3 goals or more`: a word may stand between.
        let place = text.word(end) == "or" ? end : end + 1
        guard text.word(place) == "or", let word = text.word(place + 1) else { return false }
        if ["more", "above", "higher", "greater", "over", "warmer"].contains(word) {
            quantity.bound = .above
        } else if ["less", "below", "lower", "fewer", "under", "colder"].contains(word) {
            quantity.bound = .below
        } else {
            return false
        }
        quantity.isInclusive = true
        text.use(place..<place + 2)
        return true
    }

    /// `above`, `more than`, `at least`, `reach`, `<`, looked for in the few words before.
    private func readBefore(_ text: inout QuestionText, _ start: Int, _ quantity: inout Quantity) {
        var at = start - 1
        if text.isMark(at, "=") { (quantity.isInclusive, at) = (true, at - 1) }
        if text.isMark(at, ">") || text.isMark(at, "<") {
            quantity.bound = text.isMark(at, ">") ? .above : .below
            return text.use(at..<start)
        }
        while let word = text.word(at) {
            if ["the", "a", "by", "to", "than", "of"].contains(word) {
                at -= 1
            } else if word == "equal", text.word(at - 1) == "or" {
                // `less than or equal to 60`
                (quantity.isInclusive, at) = (true, at - 2)
            } else {
                break
            }
        }
        guard let word = text.word(at) else { return }
        let before = text.word(at - 1)
        if before == "no" || before == "not", let bound = NumberReader.compared[word] {
            // `no more than 3` is 3 or fewer; a bound that is denied with its number is without it.
            (quantity.bound, quantity.isInclusive) = (bound == .above ? .below : .above, !quantity.isInclusive)
            return text.use(at - 1..<start)
        }
        switch word {
        case "above", "over", "more", "greater", "higher", "exceed", "exceeds", "exceeding": quantity.bound = .above
        case "below", "under", "less", "fewer", "lower": quantity.bound = .below
        case "least" where before == "at": (quantity.bound, quantity.isInclusive, at) = (.above, true, at - 1)
        case "most" where before == "at": (quantity.bound, quantity.isInclusive, at) = (.below, true, at - 1)
        case "reach", "reaches", "hit", "hits", "touch", "surpass", "cross", "crosses":
            (quantity.bound, quantity.isTouch, quantity.isInclusive) = (.above, true, true)
        case "climb", "rise", "get", "go":
            guard text.word(start - 1) == "to" else { return }
            (quantity.bound, quantity.isTouch, quantity.isInclusive) = (.above, true, true)
        case "dip", "fall", "drop":
            guard text.word(start - 1) == "to" else { return }
            (quantity.bound, quantity.isTouch, quantity.isInclusive) = (.below, true, true)
        default: return
        }
        text.use(at..<start)
    }

    private static let labels: Set<String> = [
        "game", "map", "set", "season", "week", "round", "episode", "category", "top", "period", "inning", "leg", "chapter", "part",
        "volume",
        "match", "number", "day", "stage", "matchday", "quarter", "half", "act", "version",
    ]

    /// Words that compare, and so can be denied.
    private static let compared: [String: Quantity.Bound] = [
        "more": .above, "greater": .above, "higher": .above, "above": .above, "over": .above, "less": .below, "fewer": .below,
        "lower": .below, "below": .below, "under": .below,
    ]

    /// The word that is numbered so.
    private static func label(_ text: QuestionText, _ amount: Amount) -> String {
        let place = text.isMark(amount.start - 1, "#") ? amount.start - 2 : amount.start - 1
        guard let word = text.word(place), labels.contains(word) else { return "" }
        return word
    }
}
