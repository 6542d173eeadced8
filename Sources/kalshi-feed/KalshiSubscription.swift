import JSON

/// What was asked for on one connection, read off the frames that we sent.
///
/// Answers name the command by its `id`; several `subscribe` commands for one channel merge into one sid. Source: venues dossier §2.
struct KalshiSubscription {
    /// Commands that answers may still name: the latest, since a session may send them for months.
    private static let commandsMax = 4096

    private var commands: [Int64: KalshiCommand] = [:]
    /// Their numbers, the oldest first from `firstNumber` on.
    private var numbers: [Int64] = []
    private var firstNumber = 0
    /// Markets whose books were asked for.
    private(set) var bookTickers: Set<String> = []
    /// Whether any command to subscribe is in the recording.
    private(set) var hasSubscribed = false
    /// Whether any command is.
    private(set) var hasSent = false

    /// Takes a frame that we sent; gives the command in it.
    ///
    /// - Parameter openSids: what is acknowledged at this moment.
    mutating func noteSent(_ frame: JSONText, openSids: [Int64] = []) -> KalshiCommand? {
        guard var command = KalshiCommand(frame) else { return nil }
        if command.verb == .list { command.sids = openSids }
        hasSent = true
        switch command.verb {
        case .subscribe:
            hasSubscribed = true
            if command.channels.contains(.book) { bookTickers.formUnion(command.tickers) }
        case .addMarkets:
            bookTickers.formUnion(command.tickers)
        case .getSnapshot, .other:
            return command
        case .deleteMarkets, .unsubscribe, .list:
            break
        }
        if command.id > 0 { remember(command) }
        return command
    }

    private mutating func remember(_ command: KalshiCommand) {
        if commands.updateValue(command, forKey: command.id) == nil { numbers.append(command.id) }
        guard commands.count > KalshiSubscription.commandsMax else { return }
        commands[numbers[firstNumber]] = nil
        firstNumber += 1
        guard firstNumber > KalshiSubscription.commandsMax else { return }
        numbers.removeFirst(firstNumber)
        firstNumber = 0
    }

    /// The command of that number.
    func command(_ id: Int64?) -> KalshiCommand? {
        id.flatMap { commands[$0] }
    }

    /// These are not awaited any more.
    mutating func drop(_ tickers: [String]) {
        bookTickers.subtract(tickers)
    }
}
