import Glibc
import Logging
import MarketModel
import Synchronization
import TestSupport
import Testing

@testable import UnixTool

/// Log messages kept for a test to look at.
final class KeptMessages: LogHandler, Sendable {
    private let messages = Mutex<[String]>([])
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) { messages.withLock { $0.append("\(event.level): \(event.message)") } }

    var all: [String] { messages.withLock { $0 } }

    static func logger() -> (Logger, KeptMessages) {
        let kept = KeptMessages()
        return (Logger(label: "test") { _ in kept }, kept)
    }
}

@Suite struct InputFaultsTests {
    private let folder = TemporaryFolder()

    private func settings(_ environment: [String: String]) throws -> CommonSettings {
        var settings = Settings(tool: "mkt-sink", environment: environment, file: nil)
        return try CommonSettings(CommonOptions.parse([]), &settings)
    }

    private func note(_ faults: inout InputFaults, _ text: String, _ counter: String) throws {
        try Array(text.utf8).withUnsafeBufferPointer {
            try faults.note($0, counter: counter, message: "bad \(text)", at: Timestamp(micros: 1))
        }
    }

    @Test func manyFaults_areAllCounted_andToldAtMostOnceASecond() throws {
        let (logger, kept) = KeptMessages.logger()
        var faults = try InputFaults(settings(["MKT_REJECTS": folder.file("r")]), logger: logger)
        for index in 0..<100 { try note(&faults, "\(index)", index % 2 == 0 ? "even" : "odd") }
        let counters = faults.counters
        #expect(counters["skipped_even"] == 50 && counters["skipped_odd"] == 50)
        #expect(kept.all.first == "warning: skipped an input: bad 0")
        #expect(kept.all.count < 50)
        #expect(folder.text("r")?.split(separator: "\n").count == 100)
    }

    @Test func firstFaultUnderStrict_endsTheRun_afterItWasKept() throws {
        let (logger, _) = KeptMessages.logger()
        var faults = try InputFaults(settings(["MKT_STRICT": "true", "MKT_REJECTS": folder.file("r")]), logger: logger)
        do {
            try note(&faults, "x", "odd")
            Issue.record("it went on")
        } catch {
            #expect((error as? ToolFailure)?.status == .badData)
        }
        #expect(folder.text("r") == "{\"recv_us\":1,\"reason\":\"bad x\",\"raw\":\"x\"}\n")
    }
}
