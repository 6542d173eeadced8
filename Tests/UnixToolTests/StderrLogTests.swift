import Glibc
import JSON
import Logging
import Testing
import UnixTool

/// What the log writes, seen by redirecting a child's standard error.
@Suite struct StderrLogTests {
    private static func logger(_ format: StderrLog.Format, level: Logger.Level = .info) -> Logger {
        Logger(label: "pm-feed") { _ in StderrLog(tool: "pm-feed", level: level, format: format) }
    }

    private func text(_ result: ExitTest.Result?) -> String {
        String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    }

    @Test func textLine_namesToolAndLevel_withDetailsInOrder() async {
        let result = await #expect(processExitsWith: .exitCode(0), observing: [\.standardErrorContent]) {
            let logger = StderrLogTests.logger(.text)
            logger.debug("unseen")
            logger.warning("skipped", metadata: ["b": "2", "a": "1"])
            exit(0)
        }
        #expect(text(result) == "pm-feed: warning: skipped a=1 b=2\n")
    }

    @Test func controlCharactersOfForeignText_areMadeHarmless() async {
        let result = await #expect(processExitsWith: .exitCode(0), observing: [\.standardErrorContent]) {
            StderrLog.write(line: "a\u{1B}[31mb\nc\r\u{0}d\u{7F}e\tf\u{9B}31m\u{80}\u{9F}g\u{A0}é€🙂")
            exit(0)
        }
        #expect(text(result) == "a?[31mb?c??d?e\tf?31m??g\u{A0}é€🙂\n")
    }

    @Test func jsonLine_isOneObject() async throws {
        let result = await #expect(processExitsWith: .exitCode(0), observing: [\.standardErrorContent]) {
            StderrLogTests.logger(.json).notice("two\nlines \"quoted\"", metadata: ["k": "\u{1B}"])
            exit(0)
        }
        let line = text(result)
        #expect(line.hasSuffix(#","tool":"pm-feed","level":"notice","message":"two\nlines \"quoted\"","k":"\u001b"}"# + "\n"))
        try Array(line.utf8).withUnsafeBufferPointer { bytes in
            var scanner = JSONScanner(bytes)
            try scanner.skipValue()
            try scanner.finish()
        }
    }
}
