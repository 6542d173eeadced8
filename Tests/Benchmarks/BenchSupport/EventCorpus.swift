internal import JSON
public import MarketModel

/// MarketEvents of both venues, as feeds print them: for each instrument what is known of it and its book, then a mix as it comes.
public final class EventCorpus {
    /// An `instrument` line and a snapshot for each instrument.
    public let prologue = Lines()
    /// The mix, in order: each line may follow the one before.
    public let mixed = Lines()
    /// The kinds of the mixed lines.
    public private(set) var kinds: [EventKind] = []
    /// How many instruments there are.
    public let instrumentCount: Int

    private var exchange: Exchange
    private var instruments: [EventInstrument] = []
    private var chance: Chance
    private var receivedSum = 0
    private var instrumentBytes = 0
    private var micros: Int64 = 1_790_267_100_000_000

    public init(_ size: CorpusSize, lines: Int? = nil, seed: UInt64 = 6) {
        exchange = Exchange(size, seed: seed)
        chance = Chance(seed: seed + 1)
        for question in 0..<size.questions {
            for outcome in EventInstrument.Outcome.allCases { instruments.append(EventInstrument(question, outcome)) }
        }
        instrumentCount = instruments.count
        for place in instruments.indices {
            put(.instrument, place, prologue)
            put(.bookSnapshot, place, prologue)
        }
        for _ in 0..<(lines ?? size.lines) {
            let (kind, place) = (nextKind(), nextPlace())
            kinds.append(kind)
            if kind.isMarketData { instrumentBytes += instruments[place].nameBytes }
            put(kind, place, mixed)
            receivedSum &+= Int(micros)
        }
    }

    /// Lines of one kind, each of an instrument by chance.
    public static func lines(_ kind: EventKind, _ size: CorpusSize, count: Int? = nil) -> Lines {
        let corpus = EventCorpus(size, lines: 0)
        let lines = Lines()
        for _ in 0..<(count ?? size.lines) { corpus.put(kind, corpus.nextPlace(), lines) }
        return lines
    }

    /// What a reader of the mixed lines' keys comes to: all of `recv_us`, and if `names` the lengths of `instrument`.
    public func keySum(names: Bool) -> Int {
        receivedSum &+ (names ? instrumentBytes : 0)
    }

    private func nextPlace() -> Int { exchange.question() * 3 + chance.below(3) }

    /// Shares as in the samples: of a hundred lines some eighty are changes of a book.
    private func nextKind() -> EventKind {
        switch chance.below(1000) {
        case 0..<800: .bookDelta
        case 800..<930: .quote
        case 930..<965: .trade
        case 965..<985: .bookSnapshot
        case 985..<995: .ticker
        case 995..<998: .instrument
        case 998: .marketStatus
        default: .feedStatus
        }
    }

    private func put(_ kind: EventKind, _ place: Int, _ lines: Lines) {
        micros += Int64(200 + chance.below(3000))
        let line = EventLine(kind, received: Timestamp(micros: micros))
        lines.append { line.write(&instruments[place], &exchange, to: &$0) }
    }
}
