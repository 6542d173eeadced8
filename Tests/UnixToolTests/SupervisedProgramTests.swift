import Glibc
import Logging
import Testing

@testable import UnixTool

/// Real programs of the shell; times are handed in where they are long.
@Suite(.serialized) struct SupervisedProgramTests {
    private let quiet = Logger(label: "quiet", factory: { _ in SwiftLogNoOpLogHandler() })

    private func program(
        _ script: String, _ policy: SupervisedProgram.Policy = .restarted, patienceMicros: Int64 = 10_000_000
    ) throws -> SupervisedProgram {
        signal(SIGPIPE, SIG_IGN)
        let program = SupervisedProgram(
            "the program", ["sh", "-c", script], environment: ["PATH": "/usr/bin:/bin"], policy: policy, patienceMicros: patienceMicros,
            logger: quiet)
        try program.start(nowMicros: Clock.monotonicMicros())
        return program
    }

    private func offer(_ program: SupervisedProgram, _ text: String) -> Bool {
        var text = text
        return text.withUTF8 { program.offer($0) }
    }

    private func answers(_ program: SupervisedProgram) -> [String] {
        var texts: [String] = []
        while true {
            switch program.nextAnswer() {
            case .line(let line), .unterminated(let line): texts.append(String(decoding: line, as: UTF8.self))
            case .tooLong(let bytes): texts.append("too long: \(bytes)")
            case .none: return texts
            }
        }
    }

    /// Serves until something holds; a minute at most.
    private func serve(_ program: SupervisedProgram, until isDone: () -> Bool) throws {
        let end = Clock.monotonicMicros() + 60_000_000
        while !isDone() {
            try #require(Clock.monotonicMicros() < end)
            try program.serve(nowMicros: Clock.monotonicMicros())
            Descriptor.wait(for: program.waits, timeoutMillis: 10)
        }
    }

    private func finish(_ program: SupervisedProgram, _ take: () -> Void = {}) throws {
        program.beginEnd(nowMicros: Clock.monotonicMicros())
        try serve(program) {
            take()
            return !program.isRunning
        }
        take()
        program.close()
    }

    @Test func lines_goOut_andAnswersComeBack() throws {
        let program = try program("while read -r line; do echo \"<$line>\"; done")
        #expect(offer(program, "a") && offer(program, "b"))
        var all: [String] = []
        try serve(program) {
            all += answers(program)
            return all.count == 2
        }
        #expect(all == ["<a>", "<b>"] && program.sentLines == 2 && program.starts == 1)
    }

    @Test func finish_hearsTheProgramToItsEnd() throws {
        let program = try program("cat >/dev/null; echo last; printf 'no newline'")
        for _ in 0..<1000 { _ = offer(program, String(repeating: "x", count: 1000)) }
        var all: [String] = []
        try finish(program) { all += answers(program) }
        #expect(all == ["last", "no newline"] && program.sentLines == 1000 && program.lostLines == 0)
    }

    @Test func end_isFollowedByAStart_whenItIsDue() throws {
        let program = try program("read -r line; echo \"$line\"; exit 3")
        _ = offer(program, "one")
        var all: [String] = []
        try serve(program) { !program.isRunning }
        let due = try #require(program.deadlineMicros)
        all += answers(program)
        _ = offer(program, "two")
        try program.serve(nowMicros: due - 1)
        #expect(program.starts == 1)
        try program.serve(nowMicros: due)
        #expect(program.starts == 2)
        try serve(program) {
            all += answers(program)
            return all.count == 2
        }
        #expect(all == ["one", "two"])
    }

    @Test func newOne_beginsWithAWholeLine() throws {
        // It takes a part of the line and no more: the pipe holds less than that.
        let program = try program("if [ -e /proc/self/fd/0 ]; then head -c 3 >/dev/null; exit 1; fi")
        _ = offer(program, String(repeating: "x", count: 3 << 20))
        _ = offer(program, "whole")
        try serve(program) { !program.isRunning }
        #expect(program.sentLines == 0)
        let due = try #require(program.deadlineMicros)
        try program.serve(nowMicros: due)
        try serve(program) { program.sentLines == 1 || !program.isRunning }
        #expect(program.sentLines == 1)
    }

    @Test func awaited_thatEndsWell_wantsNoMore() throws {
        let program = try program("read -r line; echo done", .awaited)
        _ = offer(program, "one")
        var all: [String] = []
        try serve(program) { !program.isRunning }
        all += answers(program)
        #expect(offer(program, "two") && !program.isCrowded && all == ["done"])
        try finish(program) { all += answers(program) }
        #expect(all == ["done"] && program.starts == 1)
    }

    @Test func awaited_thatFails_isAnError() throws {
        let program = try program("read -r line; exit 3", .awaited)
        _ = offer(program, "one")
        let failure = #expect(throws: ToolFailure.self) { try serve(program) { false } }
        #expect(
            failure
                == ToolFailure(.unavailable, "the program ended with status 3, so that its decisions are not whole; mend it and run again"))
    }

    @Test func awaited_isCrowded_untilASlowReaderHasTakenHalf() throws {
        let program = try program("sleep 0.2; cat >/dev/null", .awaited)
        let line = String(repeating: "x", count: 1 << 20)
        for _ in 0..<20 {
            try serve(program) { !program.isCrowded }
            #expect(offer(program, line))
        }
        try finish(program)
        #expect(program.sentLines == 20)
    }

    @Test func restarted_losesWhatDoesNotFit_andNeverWaits() throws {
        let program = try program("exec sleep 60")
        let line = String(repeating: "x", count: 1 << 20)
        let taken = (0..<20).map { _ in offer(program, line) }
        #expect(taken == [true, true, true, true, true, true, true] + Array(repeating: false, count: 13) && program.lostLines == 13)
        program.abandon()
    }

    @Test func hung_isEnded_withWhatItHasStarted() throws {
        let program = try program("trap '' TERM; sleep 60 & echo $!; wait; wait", patienceMicros: 300_000)
        for _ in 0..<7 { _ = offer(program, String(repeating: "x", count: 1 << 20)) }
        var child: pid_t = 0
        try serve(program) {
            if let text = answers(program).first { child = pid_t(text) ?? 0 }
            return !program.isRunning
        }
        try #require(child > 0)
        // It is somebody else's child now, who takes its end when there is time.
        var status = ""
        for _ in 0..<1000 where status != "gone" {
            var bytes = [UInt8](repeating: 0, count: 512)
            let file = open("/proc/\(child)/stat", O_RDONLY)
            let count = file < 0 ? 0 : read(file, &bytes, bytes.count)
            if file >= 0 { close(file) }
            status = count <= 0 || String(decoding: bytes[..<count], as: UTF8.self).contains(") Z ") ? "gone" : "runs"
            if status != "gone" { usleep(10_000) }
        }
        #expect(status == "gone")
    }

    @Test func thatSpeaksForEver_doesNotKeepUs() throws {
        let program = try program("exec yes")
        try serve(program) { !answers(program).isEmpty }
        let begin = Clock.monotonicMicros()
        for _ in 0..<20 {
            try program.serve(nowMicros: Clock.monotonicMicros())
            _ = answers(program)
        }
        #expect(Clock.monotonicMicros() - begin < 20_000_000)
        program.abandon()
    }

    @Test func thatIsNotThere_isAnError() throws {
        let program = SupervisedProgram(
            "the program", ["/nowhere/at/all"], environment: [:], policy: .restarted, patienceMicros: 1, logger: quiet)
        let told = "/nowhere/at/all cannot be started: No such file or directory; look at the file and its #! line"
        #expect(throws: ToolFailure(.configuration, told)) {
            try program.start(nowMicros: 0)
        }
    }

    /// The descriptors that it gets are a matter of the whole process: `exec_test.py` looks at them.
    @Test func signals_areAsTheyAreForEveryProgram() throws {
        let program = try program("exec grep -E 'SigBlk|SigIgn' /proc/self/status")
        var all: [String] = []
        try finish(program) { all += answers(program) }
        let masks = all.compactMap { $0.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) } }
        try #require(masks.count == 2)
        #expect(masks[0] == 0 && masks[1] & 1 << UInt64(SIGPIPE - 1) == 0)
    }
}
