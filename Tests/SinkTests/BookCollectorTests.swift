import JSON
import Logging
import MarketModel
import Testing
import UnixTool

@testable import Segments
@testable import mkt_sink

@Suite struct BookCollectorTests {
    private func book(
        _ kind: String, seq: Int64, received: Int64, bids: String = "[]", conn: String = #","conn":1"#, feed: String = "pm",
        instrument: String = "i1"
    ) -> String {
        let reason = kind == "snapshot" ? #","reason":"initial""# : ""
        return #"{"v":1,"type":"book_\#(kind)","feed":"\#(feed)","venue":"polymarket","market":"m1","instrument":"\#(instrument)""#
            + #"\#(conn),"seq":\#(seq),"recv_us":\#(received),"bids":\#(bids),"asks":[]\#(reason)}"#
    }

    private func status(_ state: String, received: Int64, _ rest: String = "", feed: String = "pm") -> String {
        #"{"v":1,"type":"feed_status","feed":"\#(feed)","venue":"polymarket","recv_us":\#(received),"state":"\#(state)"\#(rest)}"#
    }

    /// What is said of each book: its line, or why it is unknown.
    private func answers(
        _ lines: [String], at time: Int64, names: [String] = ["m1"], backMicros: Int64? = nil, lost: [SegmentFault] = []
    ) throws -> [String] {
        let question = BookQuestion(time: Timestamp(micros: time), names: names, backMicros: backMicros)
        let logger = Logger(label: "t") { _ in SwiftLogNoOpLogHandler() }
        let collector = BookCollector(question, faults: try InputFaults(try commonSettings(), logger: logger))
        for line in lines {
            var line = line
            _ = try line.withUTF8 { try collector.take($0, from: "t") }
        }
        for fault in lost { collector.lose(fault) }
        return collector.answers().map { answer in
            switch answer.outcome {
            case .known(let book, let last):
                var buffer = ByteBuffer()
                BookAnswer.append(book, after: last, answer.key, market: answer.market, label: answer.label, to: &buffer)
                return buffer.text.string
            case .unknown(let cause): return cause.words
            }
        }
    }

    private func commonSettings() throws -> CommonSettings {
        var settings = Settings(tool: "mkt-sink", environment: [:], file: nil)
        return try CommonSettings(try CommonOptions.parse([]), &settings)
    }

    @Test func answers_areTheSame_inWhateverOrderLinesCome() throws {
        let lines = [
            book("snapshot", seq: 1, received: 10, bids: "[[0.5,1]]"), book("delta", seq: 2, received: 11, bids: "[[0.5,2]]"),
            book("snapshot", seq: 3, received: 12, bids: "[[0.4,1]]"), book("delta", seq: 4, received: 12, bids: "[[0.3,1]]"),
            book("delta", seq: 5, received: 14, bids: "[[0.4,0]]"), book("snapshot", seq: 1, received: 11, feed: "pm-2"),
            status("gap", received: 13, feed: "pm-2"), book("delta", seq: 7, received: 15, instrument: "i2"),
        ]
        let wanted = try answers(lines, at: 14)
        #expect(
            wanted == [
                "its feed says gap",
                #"{"v":1,"type":"book_snapshot","feed":"pm","venue":"polymarket","market":"m1","instrument":"i1","conn":1,"seq":5,"recv_us":14,"#
                    + #""bids":[[0.3,1]],"asks":[],"reason":"checkpoint"}"# + "\n",
            ])
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<50 { #expect(try answers(lines.shuffled(using: &generator), at: 14) == wanted) }
    }

    @Test func book_isUnknown_whereItsLinesDoNotFollow() throws {
        let snapshot = book("snapshot", seq: 1, received: 10)
        #expect(try answers([snapshot, book("delta", seq: 3, received: 11)], at: 11) == ["its line 3 does not follow line 1"])
        #expect(try answers([snapshot, book("delta", seq: 3, received: 11)], at: 10).count == 1)
        let other = book("delta", seq: 2, received: 11, conn: #","conn":2"#)
        #expect(try answers([snapshot, other], at: 11) == ["its changes are those of connection 2, of which there is no snapshot"])
        #expect(try answers([book("delta", seq: 2, received: 11)], at: 11) == ["there is no snapshot before its changes"])
        // The first fault is the one that is told.
        let later = [snapshot, book("delta", seq: 3, received: 12), status("gap", received: 11)]
        #expect(try answers(later, at: 12) == ["its feed says gap"])
        // A line of the same microsecond comes before the break.
        #expect(try answers([snapshot, book("delta", seq: 3, received: 11), status("gap", received: 11)], at: 12) != ["its feed says gap"])
    }

    @Test func linesThatComeTwice_countOnce() throws {
        let lines = [book("snapshot", seq: 1, received: 10), book("delta", seq: 2, received: 11, bids: "[[0.5,2]]")]
        #expect(try answers(lines + lines, at: 11) == answers(lines, at: 11))
    }

    @Test func seqAtItsGreatest_isNoTrap() throws {
        let lines = [book("snapshot", seq: .max, received: 10), book("delta", seq: 1, received: 11)]
        #expect(try answers(lines, at: 11).count == 1)
    }

    @Test func linesThatAreTooOld_doNotCount() throws {
        let lines = [book("snapshot", seq: 1, received: 10), book("delta", seq: 2, received: 20)]
        #expect(try answers(lines, at: 20, backMicros: 10).first?.contains(#""seq":2"#) == true)
        #expect(try answers(lines, at: 20, backMicros: 9) == ["there is no snapshot before its changes"])
        // Further back than time goes.
        #expect(try answers(lines, at: .min, backMicros: .max) == [])
    }

    // MARK: What cannot be read

    private func fault(_ kind: SegmentFault.Kind, feed: String? = "pm", _ times: ClosedRange<Int64>) -> SegmentFault {
        SegmentFault(kind, "f", feed: feed, times, "all of it")
    }

    @Test(
        arguments: [
            (.missing, "is missing"), (.unreadable, "cannot be read"), (.differing, "is not what was sealed"),
            (.manifest, "cannot be read as a whole"),
        ] as [(SegmentFault.Kind, String)])
    func book_isUnknown_whereLinesOfItMayBeLost(kind: SegmentFault.Kind, words: String) throws {
        let told = try answers([book("snapshot", seq: 1, received: 10)], at: 20, lost: [fault(kind, 5...10)])
        #expect(told.count == 1)
        #expect(told.first?.hasPrefix("f, which may ") == true && told.first?.hasSuffix(words) == true)
    }

    @Test func book_isKnown_whereWhatIsLostCannotConcernIt() throws {
        let lines = [book("snapshot", seq: 1, received: 10), book("snapshot", seq: 1, received: 10, feed: "a/b")]
        let known = try answers(lines, at: 20)
        // Before the snapshots, behind the moment, and of another feed.
        for lost in [fault(.missing, feed: nil, 5...9), fault(.differing, feed: nil, 21...30), fault(.missing, feed: "pm-2", 5...30)] {
            #expect(try answers(lines, at: 20, lost: [lost]) == known)
        }
        #expect(try answers(lines, at: 20, lost: [fault(.missing, 10...10)]).filter(known.contains) == [known[0]])
        #expect(try answers(lines, at: 20, lost: [fault(.missing, feed: "a%2Fb", 20...30)]).filter(known.contains) == [known[1]])
        #expect(try answers(lines, at: 20, lost: [fault(.manifest, feed: nil, 0...99)]).filter(known.contains) == [])
    }

    @Test func bookWithoutASnapshot_isUnknown_forWhatIsLostOfAnyFeed() throws {
        let told = try answers([book("delta", seq: 2, received: 10)], at: 20, lost: [fault(.missing, feed: "pm-2", 0...1)])
        #expect(told == ["f, which may hold lines of it, is missing"])
    }

    @Test func whatIsLost_countsOnlyInTheTimesThatAreAskedFor() throws {
        let snapshot = [book("snapshot", seq: 1, received: 10)]
        #expect(try answers(snapshot, at: 20, backMicros: 10, lost: [fault(.missing, 0...9)]) == answers(snapshot, at: 20))
        #expect(try answers(snapshot, at: 20, backMicros: 10, lost: [fault(.missing, 0...10)]) != answers(snapshot, at: 20))
    }

    @Test func escapesInLines_areReadAsTheyAreMeant() throws {
        let line = book("snapshot", seq: 1, received: 10, instrument: #"\u0069\u0031"#).replacing(#""m1""#, with: #""m2""#)
        let gap = status("gap", received: 11, #","instruments":["i\u0031"]"#)
        #expect(try answers([line, gap], at: 10, names: ["i1"]) != ["its feed says gap"])
        #expect(try answers([line, gap], at: 11, names: ["i1"]) == ["its feed says gap"])
    }

    @Test func linesOfSegments_arePassedOver_onlyWhereNoNameCanStandInThem() {
        func mayCount(_ line: String, _ names: [String]) -> Bool {
            var line = line
            let needles = names.map { Array($0.utf8) + [UInt8(ascii: "\"")] }
            return line.withUTF8 { SegmentBooks.mayCount($0, needles) }
        }
        #expect(mayCount(#"{"market":"m1"}"#, ["m1"]))
        #expect(mayCount(#"{"market":"m2","instrument":"m1"}"#, ["x", "m1"]))
        #expect(mayCount(#"{"market":"\u006d1"}"#, ["m1"]))
        #expect(!mayCount(#"{"market":"m12","instrument":"am1"}"#, ["m1"]))
        #expect(!mayCount(#"{"market":"m"#, ["m1"]))
        #expect(!mayCount("", ["m1"]))
    }

    @Test func levelsOfPostgres_areLevelsOfLines() {
        let cases = [
            ("{}", "[]"), ("{410000,100000000}", "[[0.41,100]]"),
            ("{1,9223372036854775807,0,1}", "[[0.000001,9223372036854.775807],[0,0.000001]]"),
        ]
        for (pairs, levels) in cases {
            var buffer = ByteBuffer()
            PostgresBookStore.append(pairs: pairs, to: &buffer)
            #expect(buffer.text.string == levels)
        }
    }
}
