public import Logging
public import MarketModel

/// What is done with input that is no use: counted, told at most once a second, kept in `--rejects`, fatal under `--strict`.
public struct InputFaults: ~Copyable {
    private static let tellMicros: Int64 = 1_000_000

    private let isStrict: Bool
    private let logger: Logger
    private let now: () -> Timestamp
    private var rejects: RejectsFile?
    private var untold: Int64 = 0
    private var toldMicros: Int64?
    /// How many of each reason.
    public private(set) var counters = Counters()

    public init(_ settings: CommonSettings, logger: Logger, now: @escaping () -> Timestamp = Clock.now) throws(ToolFailure) {
        try self.init(isStrict: settings.isStrict, rejectsPath: settings.rejectsPath, logger: logger, now: now)
    }

    /// - Parameters:
    ///   - rejectsPath: The file for what is left out; nil for none.
    ///   - isMadeLate: Whether the file is not to be there before something is left out.
    public init(
        isStrict: Bool, rejectsPath: String?, isMadeLate: Bool = false, logger: Logger, now: @escaping () -> Timestamp = Clock.now
    ) throws(ToolFailure) {
        self.isStrict = isStrict
        self.logger = logger
        self.now = now
        rejects = nil
        if let rejectsPath { rejects = try RejectsFile(path: rejectsPath, isMadeLate: isMadeLate) }
    }

    /// Notes an input that is skipped.
    ///
    /// - Parameters:
    ///   - counter: A short name of the reason, the same for all of a kind.
    ///   - message: The reason in words, with its place.
    ///   - time: The time for `--rejects`; nil for our clock.
    ///   - isKept: Whether it stands in `--rejects` already.
    public mutating func note(
        _ bytes: UnsafeBufferPointer<UInt8>, counter: String, message: String, at time: Timestamp? = nil, isKept: Bool = false
    ) throws(ToolFailure) {
        if !isKept { try rejects?.write(bytes, reason: message, at: time ?? now()) }
        counters.add("skipped_\(counter)")
        if isStrict { throw ToolFailure(.badData, "\(message) (--strict)") }
        untold += 1
        let micros = Clock.monotonicMicros()
        if let told = toldMicros, micros - told < InputFaults.tellMicros { return }
        toldMicros = micros
        logger.warning("skipped \(untold == 1 ? "an input" : "\(untold) inputs"): \(message)")
        untold = 0
    }

    /// Keeps an input in `--rejects` that is unknown but no fault.
    public mutating func keep(_ bytes: UnsafeBufferPointer<UInt8>, reason: String, at time: Timestamp) throws(ToolFailure) {
        try rejects?.write(bytes, reason: reason, at: time)
    }

    /// Puts on the disk what was kept.
    public func sync() throws(ToolFailure) { try rejects?.sync() }

    /// Opens `--rejects` anew.
    public mutating func reopen() throws(ToolFailure) { try rejects?.reopen() }
}
