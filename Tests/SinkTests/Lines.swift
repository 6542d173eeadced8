import Glibc
import JSON
import MarketModel
import UnixTool

@testable import mkt_sink

/// Lines for tests, and what becomes of them.
enum Lines {
    static let subject = #""feed":"pm","venue":"polymarket","market":"m1","instrument":"i1""#

    static func trade(_ rest: String = "", price: String = "0.5", received: Int64 = 100, conn: String = #","conn":1"#) -> String {
        #"{"v":1,"type":"trade",\#(subject)\#(conn),"recv_us":\#(received),"price":\#(price),"size":3,"aggressor_side":"buy"\#(rest)}"#
    }

    static func delta(seq: Int = 1, received: Int64 = 100, bids: String = "[[0.5,3]]") -> String {
        #"{"v":1,"type":"book_delta",\#(subject),"conn":1,"seq":\#(seq),"recv_us":\#(received),"bids":\#(bids),"asks":[]}"#
    }

    static func event(_ type: String, _ rest: String) -> String {
        #"{"v":1,"type":"\#(type)",\#(subject),"recv_us":100,\#(rest)}"#
    }

    /// The cells of each line's row as text, nil for null.
    static func cells(_ lines: [String]) throws -> [[String?]] {
        var decoder = EventDecoder()
        var encoder = RowEncoder()
        var row = EventRow()
        var result: [[String?]] = []
        for line in lines {
            var line = line
            try line.withUTF8 { bytes in
                try decoder.decodeEvent(bytes)
                try encoder.encode(bytes, decoder.kind!, decoder, into: &row)
                result.append(
                    (0..<row.count).map { index in
                        if let text = row.text(index) { return String(decoding: text, as: UTF8.self) }
                        if case .integer(let value) = row.cell(index) { return "\(value)" }
                        return nil
                    })
            }
        }
        return result
    }

    /// The cells of one line behind its envelope.
    static func payload(_ line: String) throws -> [String?] {
        Array(try cells([line])[0].dropFirst(EnvelopeCell.count))
    }

    /// Hands lines to a target.
    static func put(_ lines: [String], to target: any Target) throws {
        var decoder = EventDecoder()
        var encoder = RowEncoder()
        var row = EventRow()
        for line in lines {
            var line = line
            try line.withUTF8 { bytes in
                try decoder.decodeEvent(bytes)
                try encoder.encode(bytes, decoder.kind!, decoder, into: &row)
                try target.take(bytes, row)
            }
        }
    }
}

/// A directory that goes away with the test.
final class TemporaryDirectory {
    let path: String

    init() {
        var template = Array("/tmp/mkt-sink-test.XXXXXX".utf8CString)
        path = String(cString: mkdtemp(&template))
    }

    deinit { TemporaryDirectory.remove(path) }

    private static func remove(_ path: String) {
        for name in DirectoryListing.names(path) ?? [] where unlink("\(path)/\(name)") != 0 { remove("\(path)/\(name)") }
        rmdir(path)
    }

    func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }
}
