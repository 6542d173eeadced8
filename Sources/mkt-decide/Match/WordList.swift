/// The words that questions are made of: what is left out, what means the same, what must stand on both sides.
enum WordList {
    /// Says nothing of what is asked.
    static let stop: Set<String> = [
        "will", "the", "a", "an", "be", "is", "are", "was", "were", "of", "to", "at", "in", "on", "for", "and", "or", "by", "with", "their",
        "his", "her", "its", "this", "that", "who", "what", "which", "there", "it", "as", "than", "from", "after", "following", "during",
        "has", "have", "been", "do", "doe", "did", "s", "v", "vs", "x", "happen", "get", "got", "against", "before", "until", "through",
        "within", "into", "how", "many", "much", "when", "if", "any", "become", "becoming", "be", "et", "edt", "est", "utc", "gmt", "pt",
        "day", "date", "end", "eoy", "year", "next", "time", "over", "under", "above", "below", "between", "more", "less", "about", "per",
        "upon", "not", "no", "named",
    ]

    /// Weighs a quarter: one venue says it, the other does not.
    static let light: Set<String> = [
        "price", "value", "rate", "meeting", "winner", "win", "announce", "average", "real", "party", "race", "election", "men",
        "official", "officially", "u3", "score", "scored", "point", "total", "growth", "interest", "people", "agree", "sign", "midterm",
        "fifa", "uefa", "final", "championship", "champion", "season", "close", "christma", "closing", "level", "market", "say",
        "game", "match", "series", "us", "public", "new", "board", "control",
    ]

    /// Changes what is asked: a question that has it is not one that has it not.
    static let hard: Set<String> = [
        "primary", "nominee", "runoff", "popularvote", "electoral", "vicepresident", "margin", "mvp", "rookie", "core", "draw", "jr", "sr",
        "women", "resign", "impeach", "pardon", "half", "overtime", "hightemp", "lowtemp", "supporting", "director",
        "smallest", "worst", "least", "lose", "indict", "convict", "arrest", "acquire", "annual", "monthly", "qualify", "relegate", "hold",
        "playoff", "conference", "division", "afc", "nfc", "superbowl", "reelection", "touchdown", "assist", "rebound", "strikeout",
        "homerun", "quarter", "set", "map", "round", "pole", "podium", "finalist", "nominated", "recall", "suspend", "acting", "interim",
        "either", "neither", "both", "only", "without", "exactly", "low", "cover", "spread", "sprint", "qualifying", "semifinal",
        "quarterfinal", "seat", "turnout", "actor", "actress", "runnerup", "dissent", "median", "open",
    ]

    /// Of one such word on each side the two must be one.
    static let offices: Set<String> = [
        "president", "senate", "house", "governor", "mayor", "primeminister", "chancellor", "speaker", "secretary", "chair", "ceo", "pope",
        "attorneygeneral", "justice",
    ]

    static let directions: Set<String> = ["~up", "~down"]

    static let parties: Set<String> = ["republican", "democrat", "libertarian", "green", "labour", "conservative"]

    /// One word for those that mean the same here.
    private static let groups: [String: String] = [
        "reach": "reach hit touch surpass cross climb", "~up": "increase raise hike rise gain grow up higher add added",
        "~down": "decrease cut lower fall drop decline reduce dip down", "president": "president presidential presidency",
        "nominee": "nominee nomination nominate", "win": "win winner won elected elect", "republican": "republican gop",
        "democrat": "democrat democratic dem", "bitcoin": "bitcoin btc", "ethereum": "ethereum eth ether", "solana": "solana sol",
        "dogecoin": "dogecoin doge", "ripple": "ripple xrp", "fed": "fed fomc", "inflation": "inflation cpi",
        "job": "job payroll nonfarm", "governor": "governor gubernatorial governorship", "mayor": "mayor mayoral", "oscar": "oscar",
        "grammy": "grammy", "out": "out leave leaving depart departure oust ousted", "marry": "marry married wed wedding marriage",
        "release": "release released launch launched", "ban": "ban banned", "hold": "hold maintain unchanged pause", "house": "house",
        "draw": "draw tie", "margin": "margin spread", "ipo": "ipo", "approve": "approve approved approval",
        "invade": "invade invasion", "best": "best", "record": "record recorded", "annual": "annual yoy yearly", "monthly": "monthly mom",
        "brazil": "brazil brazilian", "deliver": "deliver delivery delivered", "ceasefire": "ceasefire truce",
        "resign": "resign resigned resignation step", "world": "world", "tweet": "tweet post",
        "jr": "jr junior", "women": "women woman female wta", "playoff": "playoff postseason", "director": "director",
        "acquire": "acquire acquisition buy", "nvidia": "nvidia nvda", "tesla": "tesla tsla", "apple": "apple aapl",
        "champion": "champion championship", "impeach": "impeach impeached impeachment", "pardon": "pardon pardoned",
        "indict": "indict indicted", "convict": "convict convicted", "arrest": "arrest arrested", "qualify": "qualify qualified",
    ]

    /// Names, however they are written.
    static let proper: Set<String> = ["bitcoin", "ethereum", "solana", "dogecoin", "ripple", "nvidia", "tesla", "apple", "brazil"]

    static let synonyms: [String: String] = groups.reduce(into: [:]) { table, group in
        for word in group.value.split(separator: " ") { table[String(word)] = group.key }
    }

    typealias Phrase = (words: [String], word: String)

    /// Several words that are one, by the first of them, the longest first.
    static let phrases: [String: [Phrase]] = Dictionary(grouping: phraseList + TeamNames.places) { $0.words[0] }
        .mapValues { $0.sorted { $0.words.count > $1.words.count } }

    private static let phraseList: [Phrase] = [
        ("united state of america", "us"), ("united state", "us"), ("united kingdom", "uk"), ("white house", "whitehouse"),
        ("super bowl", "superbowl"), ("pro football championship", "superbowl"), ("pro basketball final", "nba"), ("nba final", "nba"),
        ("academy award", "oscar"), ("federal reserve", "fed"), ("federal fund", "fedfund"), ("fed fund", "fedfund"),
        ("highest temperature", "hightemp"), ("high temperature", "hightemp"), ("high temp", "hightemp"),
        ("maximum temperature", "hightemp"),
        ("lowest temperature", "lowtemp"), ("low temperature", "lowtemp"), ("low temp", "lowtemp"), ("republican party", "republican"),
        ("democratic party", "democrat"), ("no change", "hold"), ("prime minister", "primeminister"), ("vice president", "vicepresident"),
        ("vice presidential", "vicepresident"), ("attorney general", "attorneygeneral"), ("popular vote", "popularvote"),
        ("unemployment rate", "unemployment"), ("cpi inflation", "inflation"), ("leave office", "leave"), ("wins by", "margin"),
        ("win by", "margin"), ("fail to", "not"), ("home run", "homerun"), ("grammy award", "grammy"), ("ever recorded", "record"),
        ("on record", "record"), ("donald trump", "trump"), ("president trump", "trump"),
    ].map { (words: $0.0.split(separator: " ").map(String.init), word: $0.1) }

    /// Short names, taken only where they are written in capitals.
    static let capitals: [String: String] = [
        "nyc": "newyork", "la": "losangeles", "us": "us", "usa": "us", "uk": "uk", "vp": "vicepresident", "pm": "primeminister",
        "sf": "sanfrancisco", "dc": "washington", "ny": "newyork",
    ]

    /// Without the ending of a plural.
    static func stem(_ word: String) -> String {
        guard word.utf8.count > 3, word.hasSuffix("s"), !word.hasSuffix("ss"), !word.hasSuffix("us"), !word.hasSuffix("is") else {
            return word
        }
        return word.hasSuffix("ies") && word.utf8.count > 4 ? word.dropLast(3) + "y" : String(word.dropLast())
    }

    /// Whether the word is one of a language and not a name.
    static func isCommon(_ word: String) -> Bool {
        stop.contains(word) || light.contains(word) || hard.contains(word) || synonyms[word] != nil || offices.contains(word)
    }

    static let negations: Set<String> = ["not", "wont", "isnt", "doesnt", "dont", "never", "cannot", "cant"]
}
