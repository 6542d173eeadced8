public import ArgumentParser

/// What every tool takes on its command line, as typed. `CommonSettings` is what it comes to.
public struct CommonOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Settings in TOML (default: $MKT_CONFIG, ./mkt.toml, $XDG_CONFIG_HOME/mkt/mkt.toml).", valueName: "file"))
    public var config: String?

    @Flag(help: "Print the resolved settings, each with its origin, secrets masked, and exit.")
    public var printConfig = false

    @Option(help: ArgumentHelp("A file of NAME=VALUE lines to read before the environment is looked at.", valueName: "file"))
    public var envFile: String?

    @Option(help: ArgumentHelp("trace, debug, info, warning or error (default: info).", valueName: "level"))
    public var logLevel: String?

    @Option(help: ArgumentHelp("text or json, on standard error (default: text).", valueName: "format"))
    public var logFormat: String?

    @Option(help: ArgumentHelp("Stop cleanly after this time, such as 30s.", valueName: "span"))
    public var duration: String?

    @Option(help: ArgumentHelp("Stop cleanly after this many lines were written.", valueName: "n"))
    public var limit: String?

    @Option(help: ArgumentHelp("How often status lines come; 0 for none (default: 10s).", valueName: "span"))
    public var heartbeat: String?

    @Option(
        help: ArgumentHelp("After a first signal, read on to the end of input for at most this long (default: 10s).", valueName: "span"))
    public var drain: String?

    @Option(help: ArgumentHelp("Write counters here for Prometheus, every heartbeat.", valueName: "file"))
    public var metrics: String?

    @Option(help: ArgumentHelp("Append every malformed or unknown input here, verbatim.", valueName: "file"))
    public var rejects: String?

    @Flag(help: "Write every line at once.")
    public var lineBuffered = false

    @Flag(help: "End with status 65 at the first malformed input instead of skipping it.")
    public var strict = false

    public init() {}
}

/// The command line of a tool.
public protocol ToolOptions: ParsableCommand {
    var common: CommonOptions { get }
}
