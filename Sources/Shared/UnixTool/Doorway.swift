import ArgumentParser
import Glibc
public import Logging

/// How every tool begins and ends: what was typed, what it comes to, the run, the exit status.
public enum Doorway {
    /// The version of all tools, for `--version` and the `build` of decisions.
    public static let version = "0.1.0"

    /// Runs a tool and ends the process.
    ///
    /// - Parameters:
    ///   - configure: Turns what was typed into settings without an open question; nothing outside the process is touched yet.
    ///   - run: Does the work. What it throws decides the exit status.
    public static func enter<Options: ToolOptions, Configuration>(
        _ type: Options.Type, help: ToolHelp,
        configure: (Options, CommonSettings, inout Settings) throws -> Configuration,
        run: (Configuration, Logger) throws -> Void
    ) -> Never {
        // Also for --help into a pipe that nobody reads.
        signal(SIGPIPE, SIG_IGN)
        let options = parse(type, help)
        do {
            let environment = try environment(options.common)
            let file = try SettingsFile.find(flag: options.common.config, environment: environment)
            var settings = Settings(tool: help.name, environment: environment, file: file)
            let common = try CommonSettings(options.common, &settings)
            let configuration = try configure(options, common, &settings)
            try settings.checkUnknownKeys()
            if options.common.printConfig {
                printOut(settings.report, tool: help.name)
                exit(ExitStatus.done.rawValue)
            }
            Signals.install()
            let logger = Logger(label: help.name) { _ in
                StderrLog(tool: help.name, level: common.logLevel, format: common.logFormat)
            }
            try run(configuration, logger)
            exit(ExitStatus.done.rawValue)
        } catch {
            end(error, tool: help.name)
        }
    }

    private static func environment(_ options: CommonOptions) throws(ToolFailure) -> [String: String] {
        let process = EnvironmentFile.process()
        guard let path = options.envFile else { return process }
        let file = try EnvironmentFile.read(path)
        // libpq reads its own variables by itself.
        for (name, value) in file where name.hasPrefix("PG") { setenv(name, value, 0) }
        return file.merging(process) { _, own in own }
    }

    private static func parse<Options: ToolOptions>(_ type: Options.Type, _ help: ToolHelp) -> Options {
        do {
            var command = try type.parseAsRoot()
            if let options = command as? Options { return options }
            // --help is a command of the parser's own, which ends by throwing its text.
            try command.run()
            end(ToolFailure(.bug, "the command line was parsed as another command"), tool: help.name)
        } catch {
            let isMisuse = type.exitCode(for: error) != .success
            guard isMisuse else {
                let text = type.fullMessage(for: error)
                let isHelp = text.hasPrefix("OVERVIEW")
                printOut(text + "\n" + (isHelp ? help.footer : ""), tool: help.name)
                exit(ExitStatus.done.rawValue)
            }
            let what = String(type.message(for: error).split(separator: "\n").first ?? "wrong usage")
            end(ToolFailure(.usage, "\(what); see \(help.name) --help"), tool: help.name)
        }
    }

    /// Ends the process with the status that the error means.
    private static func end(_ error: any Error, tool: String) -> Never {
        switch error {
        case is ReaderGone: exit(ExitStatus.done.rawValue)
        case let failure as ToolFailure:
            StderrLog.write(line: "\(tool): \(failure.message)")
            exit(failure.status.rawValue)
        default:
            StderrLog.write(line: "\(tool): a bug of ours: \(error); please report it with the command line")
            exit(ExitStatus.bug.rawValue)
        }
    }

    /// Text to standard output, past any buffer.
    private static func printOut(_ text: String, tool: String) {
        var text = text
        text.withUTF8 { bytes in
            var at = 0
            while at < bytes.count {
                let count = write(1, bytes.baseAddress! + at, bytes.count - at)
                if count < 0 && errno == EINTR { continue }
                if count < 0 && errno == EPIPE { return }
                if count < 0 { end(ToolFailure(.ioError, "cannot write to standard output: \(SystemError.text())"), tool: tool) }
                at += count
            }
        }
    }
}
