import Glibc
import JSON
import MarketModel
import TestSupport
import Testing

@testable import UnixTool

@Suite struct RejectsFileTests {
    private let folder = TemporaryFolder()

    private func reject(_ bytes: [UInt8], reason: String = "why", to file: inout RejectsFile) throws {
        try bytes.withUnsafeBufferPointer { try file.write($0, reason: reason, at: Timestamp(micros: 5)) }
    }

    @Test func text_isKeptVerbatim_andOtherBytesAsBase64() throws {
        var file = try RejectsFile(path: folder.file("r"))
        try reject(Array("{\"a\"\té\u{7F}".utf8), reason: "not \"JSON\"", to: &file)
        try reject([0x66, 0xFF], to: &file)
        try reject([0xED, 0xA0, 0x80], to: &file)
        try reject([], to: &file)
        #expect(
            folder.text("r") == #"""
                {"recv_us":5,"reason":"not \"JSON\"","raw":"{\"a\"\té\u007f"}
                {"recv_us":5,"reason":"why","raw_base64":"Zv8="}
                {"recv_us":5,"reason":"why","raw_base64":"7aCA"}
                {"recv_us":5,"reason":"why","raw":""}

                """#)
    }

    @Test func everyLine_isJSON_andGivesTheBytesBack() throws {
        var random = SeededGenerator(seed: 70)
        var file = try RejectsFile(path: folder.file("r"))
        var inputs: [[UInt8]] = []
        for _ in 0..<500 {
            let input = (0..<random.below(40)).map { _ in UInt8(truncatingIfNeeded: random.next()) & (random.below(3) == 0 ? 0xFF : 0x7F) }
            inputs.append(input)
            try reject(input, to: &file)
        }
        let lines = try #require(folder.read("r")).split(separator: 0x0A)
        #expect(lines.count == inputs.count)
        for (line, input) in zip(lines, inputs) {
            try Array(line).withUnsafeBufferPointer { bytes in
                var scanner = JSONScanner(bytes)
                try scanner.beginObject()
                while let key = try scanner.nextKey() {
                    let value = try scanner.value()
                    guard key.isEqual(to: "raw") else { continue }
                    var inner = JSONScanner(value)
                    #expect(try Array(inner.string().string.utf8) == input)
                }
                try scanner.finish()
            }
        }
    }

    @Test func file_isAppendedTo_andOpenedAnewAfterALogrotate() throws {
        folder.write("r", "before\n")
        var file = try RejectsFile(path: folder.file("r"))
        try reject([0x61], to: &file)
        #expect(rename(folder.file("r"), folder.file("r.1")) == 0)
        try reject([0x62], to: &file)
        try file.reopen()
        try reject([0x63], to: &file)
        #expect(folder.text("r.1")?.split(separator: "\n").count == 3)
        #expect(folder.text("r.1")?.hasPrefix("before\n") == true)
        #expect(folder.text("r") == "{\"recv_us\":5,\"reason\":\"why\",\"raw\":\"c\"}\n")
    }

    @Test func file_isItsOwnersAlone() throws {
        _ = try RejectsFile(path: folder.file("r"))
        var status = stat()
        #expect(stat(folder.file("r"), &status) == 0 && status.st_mode & 0o777 == 0o600)
    }

    @Test func missingFolder_isAnOutputThatCannotBeMade() {
        do {
            _ = try RejectsFile(path: folder.file("absent/r"))
            Issue.record("it was opened")
        } catch {
            #expect(error.status == .cannotCreate)
        }
    }
}

/// RFC 4648 section 10, and every length against a bit-by-bit encoder.
@Suite struct Base64Tests {
    private func base64(_ bytes: [UInt8]) -> String {
        var buffer = ByteBuffer()
        bytes.withUnsafeBufferPointer { buffer.append(base64: $0) }
        return buffer.text.string
    }

    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
    func vectorsOfTheRFC(_ text: String, _ encoded: String) {
        #expect(base64(Array(text.utf8)) == encoded)
    }

    @Test func allDigits_areUsed() {
        let bytes: [UInt8] =
            [0x00, 0x10, 0x83, 0x10, 0x51, 0x87, 0x20, 0x92, 0x8B, 0x30, 0xD3, 0x8F, 0x41, 0x14, 0x93, 0x51, 0x55, 0x97]
            + [
                0x61, 0x96, 0x9B, 0x71, 0xD7, 0x9F, 0x82, 0x18, 0xA3, 0x92, 0x59, 0xA7, 0xA2, 0x9A, 0xAB, 0xB2, 0xDB, 0xAF, 0xC3, 0x1C,
                0xB3,
            ]
            + [0xD3, 0x5D, 0xB7, 0xE3, 0x9E, 0xBB, 0xF3, 0xDF, 0xBF]
        #expect(base64(bytes) == "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    }
}
