import JSON

/// What was asked for on one connection, read off the frames that we sent.
///
/// Answers name the command by its `id`; several `subscribe` commands for one channel merge into one sid. Source: venues dossier §2.
struct KalshiSubscription {
    /// Commands that answers may still name, so that a very long session cannot fill our memory.
    private static let commandsMax = 100_000

    private var commands: [Int64: KalshiCommand] = [:]
    /// Markets whose books were asked for.
    private(set) var bookTickers: Set<String> = []
    /// Whether any command to subscribe is in the recording.
    private(set) var hasSubscribed = false

    /// Takes a frame that we sent; gives the command in it.
    mutating func noteSent(_ frame: JSONText) -> KalshiCommand? {
        guard let command = KalshiCommand(frame) else { return nil }
        switch command.verb {
        case .subscribe:
            hasSubscribed = true
            if command.channels.contains(.book) { bookTickers.formUnion(command.tickers) }
        case .addMarkets:
            bookTickers.formUnion(command.tickers)
        case .getSnapshot, .other:
            return command
        case .deleteMarkets, .unsubscribe:
            break
        }
        if command.id > 0, commands.count < KalshiSubscription.commandsMax { commands[command.id] = command }
        return command
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
