/// Teams by where they are from: one venue says `Chiefs`, the other `Kansas City`, or `New York G` where a town has two.
enum TeamNames {
    private static let leagues: [String: String] = [
        "nfl": """
        arizona:cardinals atlanta:falcons baltimore:ravens buffalo:bills carolina:panthers chicago:bears cincinnati:bengals cleveland:browns \
        dallas:cowboys denver:broncos detroit:lions greenbay:packers houston:texans indianapolis:colts jacksonville:jaguars \
        kansascity:chiefs lasvegas:raiders losangeles:rams losangeles:chargers miami:dolphins minnesota:vikings newengland:patriots \
        neworleans:saints newyork:giants newyork:jets philadelphia:eagles pittsburgh:steelers sanfrancisco:49ers seattle:seahawks \
        tampabay:buccaneers tennessee:titans washington:commanders
        """,
        "mlb": """
        arizona:diamondbacks atlanta:braves baltimore:orioles boston:red_sox chicago:cubs chicago:white_sox cincinnati:reds \
        cleveland:guardians colorado:rockies detroit:tigers houston:astros kansascity:royals losangeles:angels losangeles:dodgers \
        miami:marlins milwaukee:brewers minnesota:twins newyork:mets newyork:yankees philadelphia:phillies pittsburgh:pirates \
        sandiego:padres sanfrancisco:giants seattle:mariners stlouis:cardinals tampabay:rays texas:rangers toronto:blue_jays \
        washington:nationals
        """,
        "nba": """
        atlanta:hawks boston:celtics brooklyn:nets charlotte:hornets chicago:bulls cleveland:cavaliers dallas:mavericks denver:nuggets \
        detroit:pistons goldenstate:warriors houston:rockets indiana:pacers losangeles:clippers losangeles:lakers memphis:grizzlies \
        miami:heat milwaukee:bucks minnesota:timberwolves neworleans:pelicans newyork:knicks oklahomacity:thunder orlando:magic \
        philadelphia:76ers phoenix:suns portland:trail_blazers sacramento:kings sanantonio:spurs toronto:raptors utah:jazz \
        washington:wizards
        """,
        "nhl": """
        anaheim:ducks boston:bruins buffalo:sabres calgary:flames carolina:hurricanes chicago:blackhawks colorado:avalanche \
        columbus:blue_jackets dallas:stars detroit:red_wings edmonton:oilers florida:panthers losangeles:kings minnesota:wild \
        montreal:canadiens nashville:predators newjersey:devils newyork:islanders newyork:rangers ottawa:senators philadelphia:flyers \
        pittsburgh:penguins sanjose:sharks seattle:kraken stlouis:blues tampabay:lightning toronto:maple_leafs utah:mammoth \
        vancouver:canucks vegas:golden_knights washington:capitals winnipeg:jets
        """,
    ]

    struct Team: Equatable {
        let league: String
        let place: String
        /// What stands before the last word of its name: `red` of Red Sox.
        let first: String?
        /// Tells teams of one place apart, as `New York G` does; nil where there is one in its league.
        let initial: Character?
    }

    /// Teams by the stem of the last word of their name.
    static let byName: [String: [Team]] = {
        var table: [String: [Team]] = [:]
        for (league, list) in leagues {
            let teams = list.split(separator: " ").map { $0.split(separator: ":") }
            for team in teams {
                let isShared = teams.count { $0[0] == team[0] } > 1
                let words = team[1].split(separator: "_").map(String.init)
                let name = WordList.stem(words[words.count - 1])
                let initial = isShared ? team[1].first : nil
                // Places of one word are looked for by their stem, as all words are.
                let place = joinedPlaces.contains(String(team[0])) ? String(team[0]) : WordList.stem(String(team[0]))
                table[name, default: []].append(
                    Team(league: league, place: place, first: words.count > 1 ? words[0] : nil, initial: initial))
            }
        }
        // In an order of their own: that of a dictionary is another one in every run.
        return table.mapValues { $0.sorted { $0.league < $1.league } }
    }()

    /// Places of two or three words, as one word.
    static let places: [WordList.Phrase] = [
        "kansas city", "green bay", "las vegas", "los angeles", "new england", "new orleans", "new york", "new york city", "san francisco",
        "tampa bay", "san diego", "st louis", "golden state", "oklahoma city", "san antonio", "new jersey", "san jose", "new mexico",
        "new hampshire", "north carolina", "south carolina", "north dakota", "south dakota", "west virginia", "new zealand", "south korea",
        "north korea", "saudi arabia", "hong kong",
    ].map { place in
        let words = place.split(separator: " ").map(String.init)
        return (words.map(WordList.stem), place == "new york city" ? "newyork" : words.joined())
    }

    private static let joinedPlaces = Set(places.map(\.word))

    /// Words that may stand before the last word of a team's name: `red sox`, `trail blazers`.
    static let firstWords: Set<String> = ["red", "white", "blue", "trail", "maple", "golden"]
}
