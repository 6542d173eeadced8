/// Finds the dates and times of day of a question, in the forms that people write them.
struct DateReader {
    private(set) var mentions: [DateMention] = []
    /// Minutes of the day at which something is looked at; of a stretch of time its end.
    private(set) var minutes: Set<Int64> = []
    /// How many minutes a stretch lasts: `3:00PM-3:15PM`.
    private(set) var stretch: Int64?

    /// Reads them and marks their lexemes as used.
    init(_ text: inout QuestionText) {
        readTimes(&text)
        for index in 0..<text.count {
            guard let found = DateReader.date(text, index) else { continue }
            add(found.date, at: index, to: found.end, &text)
        }
        dropCoarser()
    }

    // MARK: Dates

    /// The longest date that begins at a place.
    private static func date(_ text: QuestionText, _ index: Int) -> (date: CivilDate, end: Int)? {
        if let word = text.word(index) {
            if let month = CivilDate.month(word), word != "may" || text[index]?.isCapital == true { return monthFirst(text, index, month) }
            if word.utf8.count == 2, word.hasPrefix("q"), let quarter = word.last?.wholeNumberValue, (1...4).contains(quarter) {
                let year = self.year(text, index + 1)
                return (CivilDate(year: year?.value, quarter: Int64(quarter)), year?.end ?? index + 1)
            }
            return nil
        }
        guard let number = text[index]?.smallInteger else { return nil }
        if let iso = iso(text, index, number) { return iso }
        if (1...31).contains(number), text[index + 1]?.isGlued == false, let word = text.word(index + 1), let month = CivilDate.month(word),
            text[index + 2]?.smallInteger.map({ $0 > 31 }) ?? true
        {
            let year = self.year(text, index + 2)
            return (CivilDate(year: year?.value, month: month, day: number), year?.end ?? index + 2)
        }
        guard let year = self.year(text, index), !text.isMark(index - 1, "$"), !bounds.contains(text.word(index - 1) ?? "") else {
            return nil
        }
        return (CivilDate(year: year.value), year.end)
    }

    /// Behind them 2,000 is a number and no year.
    private static let bounds: Set<String> = ["above", "below", "over", "under", "than", "least", "most", "reach", "hit", "to", "between"]

    /// `September 25, 2026`, `Sep 25`, `September 2026`, `September`.
    private static func monthFirst(_ text: QuestionText, _ index: Int, _ month: Int64) -> (date: CivilDate, end: Int)? {
        var end = index + 1
        if let day = text[end]?.smallInteger, (1...31).contains(day), text[end]?.text.contains(".") == false, !text.isMark(end + 1, "%") {
            end += 1
            if let suffix = text.word(end), text[end]?.isGlued == true, ["st", "nd", "rd", "th"].contains(suffix) { end += 1 }
            let year = self.year(text, text.isMark(end, ",") ? end + 1 : end)
            return (CivilDate(year: year?.value, month: month, day: day), year?.end ?? end)
        }
        let year = self.year(text, text.isMark(end, ",") ? end + 1 : end)
        return (CivilDate(year: year?.value, month: month), year?.end ?? end)
    }

    /// `2026-09-25`.
    private static func iso(_ text: QuestionText, _ index: Int, _ year: Int64) -> (date: CivilDate, end: Int)? {
        guard (2000...2099).contains(year), text.isMark(index + 1, "-"), let month = text[index + 2]?.smallInteger,
            (1...12).contains(month),
            text[index + 2]?.text.utf8.count == 2, text.isMark(index + 3, "-"), let day = text[index + 4]?.smallInteger,
            (1...31).contains(day)
        else { return nil }
        return (CivilDate(year: year, month: month, day: day), index + 5)
    }

    /// A year, `2026` or `2026-27`; of a season its second year counts.
    private static func year(_ text: QuestionText, _ index: Int) -> (value: Int64, end: Int)? {
        guard let first = text[index], first.text.utf8.count == 4, let year = first.smallInteger, (1990...2099).contains(year) else {
            return nil
        }
        guard text.isMark(index + 1, "-") || text.isMark(index + 1, "/"), let second = text[index + 2], let short = second.smallInteger,
            short % 100 == (year + 1) % 100, [2, 4].contains(second.text.utf8.count)
        else { return (year, index + 1) }
        return (year + 1, index + 3)
    }

    private mutating func add(_ date: CivilDate, at index: Int, to end: Int, _ text: inout QuestionText) {
        var mention = DateMention(date: date, timing: .bare)
        let start = DateReader.preposition(text, index, &mention)
        text.use(start..<end)
        mentions.append(mention)
    }

    /// Reads what stands before a date; gives where that begins.
    private static func preposition(_ text: QuestionText, _ index: Int, _ mention: inout DateMention) -> Int {
        var at = index - 1
        var isEnd = false
        while let word = text.word(at), ["the", "of", "end", "day", "year", "late"].contains(word) {
            if word == "end" { isEnd = true }
            at -= 1
        }
        switch text.word(at) {
        case "by", "through", "until", "til", "till":
            mention.timing = .deadline
            mention.isVague = !isEnd && mention.date.precision < 3
        case "before":
            mention.timing = .deadline
            mention.isBefore = !isEnd
        case "on": mention.timing = .moment
        case "at" where isEnd: mention.timing = .moment
        case "in", "during", "for", "this", "within": mention.timing = isEnd ? .moment : .period
        default:
            if isEnd { mention.timing = .moment }
            return isEnd ? at + 1 : index
        }
        return at
    }

    /// Leaves out a year or month that a finer date says too; it keeps what only the coarser one knows.
    private mutating func dropCoarser() {
        var kept: [DateMention] = []
        for mention in mentions.sorted(by: { $0.date.precision > $1.date.precision }) {
            guard let index = kept.firstIndex(where: { mention.date.covers($0.date) }) else {
                kept.append(mention)
                continue
            }
            if kept[index].date.year == nil { kept[index].date.year = mention.date.year }
            if kept[index].timing == .bare { kept[index].timing = mention.timing }
        }
        mentions = kept
    }

    // MARK: Times of day

    private mutating func readTimes(_ text: inout QuestionText) {
        var index = 0
        while index < text.count {
            guard let first = DateReader.time(text, index) else {
                index += 1
                continue
            }
            var (minute, end) = first
            if text.isMark(end, "-"), let last = DateReader.time(text, end + 1) {
                stretch = (last.minute - minute + 1440) % 1440
                (minute, end) = last
            }
            minutes.insert(minute)
            if let zone = text.word(end), ["et", "edt", "est"].contains(zone) { end += 1 }
            let start = text.word(index - 1) == "at" ? index - 1 : index
            text.use(start..<end)
            index = end
        }
    }

    /// `4pm`, `4:15 PM`, `16:00 ET`, `noon`.
    private static func time(_ text: QuestionText, _ index: Int) -> (minute: Int64, end: Int)? {
        if text.word(index) == "noon" { return (720, index + 1) }
        guard let hour = text[index]?.smallInteger, hour <= 24, text[index]?.text.contains(".") == false else { return nil }
        var (minute, end): (Int64, Int) = (0, index + 1)
        let hasMinutes = text.isMark(end, ":")
        if hasMinutes {
            guard let told = text[end + 1]?.smallInteger, told < 60, text[end + 1]?.text.utf8.count == 2 else { return nil }
            (minute, end) = (told, end + 2)
        }
        switch text.word(end) {
        case "am", "a.m": return ((hour % 12) * 60 + minute, end + 1)
        case "pm", "p.m": return ((hour % 12 + 12) * 60 + minute, end + 1)
        case "et", "edt", "est": return hasMinutes ? (hour * 60 + minute, end) : nil
        default: return nil
        }
    }
}
