import Glibc
import Logging
import MarketModel
import Segments
import TestSupport
import Testing
import UnixTool

@testable import mkt_merge

@Suite struct MergeInputTests {
    /// An input that reads a pipe, and the pipe's other end.
    private func pipeInput() -> (MergeInput, writer: Int32) {
        var ends: [Int32] = [-1, -1]
        #expect(pipe(&ends) == 0)
        let source = InputSource(path: "p", name: "p", descriptor: ends[0], kind: .live, isNamedPipe: false)
        return (MergeInput(source), ends[1])
    }

    private func put(_ text: String, _ descriptor: Int32) {
        #expect(write(descriptor, text, text.utf8.count) == text.utf8.count)
    }

    private func text(_ input: MergeInput) -> String { String(decoding: input.head, as: UTF8.self) }

    @Test func head_keepsItsBytes_whileMoreIsRead() throws {
        let (input, writer) = pipeInput()
        put("{\"recv_us\":1}\n{\"recv_us\":2}\n{\"recv", writer)
        try input.fill(keepingHead: false, nowMicros: 10)
        guard case .line = input.advance(LineFilter()) else { return #expect(Bool(false), "no line") }
        for round in 0..<40 {
            put(String(repeating: " ", count: 50_000), writer)
            try input.fill(keepingHead: true, nowMicros: 20 + Int64(round))
            #expect(text(input) == "{\"recv_us\":1}")
        }
        put("_us\":3}\n", writer)
        close(writer)
        try input.fill(keepingHead: true, nowMicros: 99)
        guard case .line = input.advance(LineFilter()) else { return #expect(Bool(false), "no second line") }
        #expect(text(input) == "{\"recv_us\":2}")
        #expect(input.headArrivedMicros() == 10)
        // The third line has blanks inside its key, so it is none.
        guard case .fault(let fault) = input.advance(LineFilter()) else { return #expect(Bool(false), "no fault") }
        #expect(fault.counter == "malformed")
        input.close()
    }

    @Test(arguments: [
        ("{\"recv_us\":1}", "line"), ("{\"recv_us\":1,\"a\":{\"b\":1}", "torn"), ("{\"recv_us\":1", "torn"), ("{\"recv", "torn"),
        ("\u{7F}ELF", "malformed"), ("{\"a\":1}", "malformed"), ("  \r", "ended"), ("", "ended"),
    ])
    func lastLineWithoutNewline(text: String, outcome: String) throws {
        let (input, writer) = pipeInput()
        put(text, writer)
        close(writer)
        for _ in 0..<2 { try input.fill(keepingHead: false, nowMicros: 0) }
        switch input.advance(LineFilter()) {
        case .line: #expect(outcome == "line")
        case .fault(let fault): #expect(outcome == fault.counter)
        case .ended: #expect(outcome == "ended")
        case .none: #expect(Bool(false), "the end was not seen")
        }
        input.close()
    }

    @Test func blankLines_areNoLines() throws {
        let (input, writer) = pipeInput()
        put("\n\r\n \t\n{\"recv_us\":1}\r\n", writer)
        try input.fill(keepingHead: false, nowMicros: 0)
        guard case .line = input.advance(LineFilter()) else { return #expect(Bool(false), "no line") }
        #expect(text(input) == "{\"recv_us\":1}\r")
        close(writer)
        input.close()
    }

    @Test func lineWithoutType_isMalformed_onlyWhereTypesAreAskedFor() throws {
        for (types, isLine) in [([], true), (["trade"], false)] {
            let (input, writer) = pipeInput()
            put("{\"recv_us\":1}\n", writer)
            try input.fill(keepingHead: false, nowMicros: 0)
            let next = input.advance(LineFilter(types: NameSet(types)))
            if case .line = next { #expect(isLine) } else { #expect(!isLine) }
            close(writer)
            input.close()
        }
    }

    @Test func openingAll_refusesWhatCannotBeRead() {
        let faults = SegmentFaults(isStrict: false, Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        #expect(throws: ToolFailure.self) { try InputSource.openAll(["/nowhere/at/all"], faults) }
        #expect(throws: ToolFailure.self) { try InputSource.openAll([TemporaryFolder().path], faults) }
        #expect(throws: ToolFailure.self) { try InputSource.openAll(["-", "-"], faults) }
    }
}
