import JSON
import Logging
import MarketModel
import UnixTool

/// Holds decisions that were written once against what the same rules decide of the same events again, byte for byte.
///
/// What is decided again goes through the stage as ever, into a file without a name, and is compared at the end of input.
struct DecisionProof: ~Copyable {
    private var told: LineReader
    private var again: LineReader
    private var decoder = EventDecoder()
    /// Of the file.
    private var lineNumber = 0
    /// Decisions that were passed over, because a program made them.
    private var ofPrograms = 0
    /// The types that have to come again.
    private let compared: Set<EventKind>

    /// - Parameters:
    ///   - path: Decision lines, with whatever else a stream may have between them.
    ///   - isPaper: Whether what came of decisions on paper has to come again, too.
    init(path: String, isPaper: Bool) throws(ToolFailure) {
        compared = isPaper ? [.decision, .reference, .ownOrder, .ownFill, .ownPosition, .ownAccount] : [.decision, .reference]
        let descriptor = try NamelessFile.make(for: "--verify")
        told = try LineReader.open(path)
        again = LineReader(descriptor: descriptor, name: "what is decided again")
    }

    /// Decides again over standard input and compares. Fails with 65 at the first difference.
    mutating func run(_ configuration: DecideConfiguration, _ logger: Logger) throws {
        let stage = try DecideStage(configuration, logger, output: again.descriptor)
        var loop = FilterLoop(stage, tool: DecideOptions.tool, configuration.common, logger)
        try loop.run()
        try NamelessFile.rewind(again.descriptor)
        let count = try compare()
        let others = ofPrograms > 0 ? "; \(ofPrograms) of programs (exec) cannot be" : ""
        logger.info("verified: \(count) decisions of \(told.name) are decided again, byte for byte\(others)")
    }

    /// Gives how many decisions there were.
    private mutating func compare() throws(ToolFailure) -> Int {
        var count = 0
        while let line = try nextDecision() {
            let isDecision = decoder.kind == .decision
            if isDecision { count += 1 }
            let what = isDecision ? "decision \(count)" : "this \(decoder.kind?.name ?? "line") line"
            let place = "\(told.name):\(lineNumber): \(what)"
            guard let other = try DecisionProof.next(&again) else {
                throw ToolFailure(.badData, "\(place) is not decided again; \(DecisionProof.advice)")
            }
            guard line.elementsEqual(other) else {
                throw ToolFailure(.badData, "\(place) is not what is decided again: \(difference(line, other)); \(DecisionProof.advice)")
            }
        }
        guard try DecisionProof.next(&again) == nil else {
            throw ToolFailure(.badData, "\(told.name) ends behind decision \(count), and more is decided again; \(DecisionProof.advice)")
        }
        return count
    }

    private static let advice = "give the events, rules and links of that run, and the build that made it"

    private mutating func nextDecision() throws(ToolFailure) -> UnsafeBufferPointer<UInt8>? {
        while let line = try DecisionProof.next(&told) {
            lineNumber += 1
            do throws(EventError) {
                try decoder.decodeEvent(line)
                guard let kind = decoder.kind, compared.contains(kind), try decoder.requireText(.feed).string == DecideOptions.tool else {
                    continue
                }
                if kind == .decision, try decoder.text(.strategy)?.isEqual(to: "exec") ?? false {
                    ofPrograms += 1
                    continue
                }
                return line
            } catch {
                throw ToolFailure(.badData, "\(told.name):\(lineNumber): \(error); --verify wants decision lines as they were written")
            }
        }
        return nil
    }

    /// The next line; nil at the end.
    static func next(_ reader: inout LineReader) throws(ToolFailure) -> UnsafeBufferPointer<UInt8>? {
        while true {
            switch reader.next() {
            case .line(let line), .unterminated(let line): return line
            case .tooLong(let bytes): throw ToolFailure(.badData, "\(reader.name): a line of \(bytes) bytes is longer than 4 MiB")
            case .none:
                if reader.isAtEnd { return nil }
                _ = try reader.fill()
            }
        }
    }

    /// Which of the things that make decisions what they are is another one, for people.
    private mutating func difference(_ line: UnsafeBufferPointer<UInt8>, _ other: UnsafeBufferPointer<UInt8>) -> String {
        let (before, now) = (provenance(line), provenance(other))
        let words = ["other rules", "other links or reference data", "another build", "another rule fired"]
        for (place, words) in words.enumerated() where before[place] != now[place] {
            return "\(words) (\(before[place] ?? "none") there, \(now[place] ?? "none") here)"
        }
        return "its numbers, or the lines that it stood on"
    }

    private mutating func provenance(_ line: UnsafeBufferPointer<UInt8>) -> [String?] {
        guard (try? decoder.decodeEvent(line)) != nil else { return [nil, nil, nil, nil] }
        return [EventField.rules, .data, .build, .rule].map { field in (try? decoder.text(field))?.string }
    }
}
