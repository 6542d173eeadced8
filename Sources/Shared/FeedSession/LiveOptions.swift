public import ArgumentParser

/// What every feed takes for its live sessions, as typed.
public struct LiveOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Also append everything that comes and goes to this file, for --replay.", valueName: "file"))
    public var record: String?

    @Option(help: ArgumentHelp("An additional trust anchor in PEM; certificates are always verified.", valueName: "file"))
    public var caFile: String?

    @Option(help: ArgumentHelp("Renew sockets one by one, each after this time; 0 for never (default: 0).", valueName: "span"))
    public var rotateEvery: String?

    @Option(
        help: ArgumentHelp(
            "Keep so many sockets for everything, 1 or 2: the first arrival counts, the copy is dropped (default: 1).", valueName: "n"))
    public var redundant: String?

    @Flag(help: "Try everything that a session needs, say what works and what to do, and exit.")
    public var check = false

    public init() {}
}
