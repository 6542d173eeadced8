import Testing

@testable import mkt_sink

/// Against the bytes that PostgreSQL's documentation describes.
@Suite struct CopyRowsTests {
    private static let head: [UInt8] = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0] + [0, 0, 0, 0] + [0, 0, 0, 0]

    private func bytes(_ rows: borrowing CopyRows) -> [UInt8] { Array(rows.bytes.bytes) }

    @Test func emptyOnes_areHeadAndEnd() {
        var rows = CopyRows()
        rows.end()
        #expect(bytes(rows) == CopyRowsTests.head + [0xFF, 0xFF])
        rows.reopen()
        #expect(bytes(rows) == CopyRowsTests.head)
    }

    @Test func everyKindOfValue() {
        var rows = CopyRows()
        rows.beginRow(columns: 6)
        rows.append(bigint: -2)
        rows.append(integer: 258)
        rows.append(boolean: true)
        rows.appendNull()
        let text = Array("né".utf8)
        text.withUnsafeBufferPointer { rows.append(text: $0) }
        rows.append(uuid: (1, 0xFF00_0000_0000_0000))
        let expected: [UInt8] =
            [0, 6] + [0, 0, 0, 8, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE] + [0, 0, 0, 4, 0, 0, 1, 2] + [0, 0, 0, 1, 1]
            + [0xFF, 0xFF, 0xFF, 0xFF] + [0, 0, 0, 3] + text + [0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 1, 0xFF, 0, 0, 0, 0, 0, 0, 0]
        #expect(bytes(rows) == CopyRowsTests.head + expected)
        let count = rows.count
        #expect(count == 1)
    }

    @Test func arrays_haveADimension_orNoneWhereTheyAreEmpty() {
        var rows = CopyRows()
        rows.beginRow(columns: 2)
        rows.append(bigints: [])
        rows.append(bigints: [7])
        let empty: [UInt8] = [0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20]
        let one: [UInt8] =
            [0, 0, 0, 32, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0, 1, 0, 0, 0, 1] + [0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 7]
        #expect(bytes(rows) == CopyRowsTests.head + [0, 2] + empty + one)
    }

    @Test func rowThatIsDropped_leavesNothing() {
        var rows = CopyRows()
        rows.beginRow(columns: 1)
        rows.append(bigint: 1)
        let before = bytes(rows)
        rows.beginRow(columns: 1)
        rows.dropRow()
        #expect(bytes(rows) == before)
        rows.removeAll()
        let count = rows.count
        #expect(bytes(rows) == CopyRowsTests.head && count == 0)
    }
}
