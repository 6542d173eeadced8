import JSON
import MarketModel

/// A line of the spool: an event byte for byte, with its number and a checksum (`docs/storage.md`).
struct SpoolRecord {
    /// What stands around an event is no longer than this.
    static let frameBytesMax = 128
    private static let opening: StaticString = #"{"crc32c":""#
    private static let numberKey: StaticString = #""number":"#
    private static let occurrenceKey: StaticString = #","occurrence":"#
    private static let lineKey: StaticString = #","line":"#
    private static let digitCount = 8
    /// Opening, digits, `",`: the checksum is over what comes behind.
    private static let checkedStart = opening.utf8CodeUnitCount + digitCount + 2

    let number: Int64
    /// Which it is of several lines that say the same, from 0.
    let occurrence: Int64
    /// The event; valid as long as the record's bytes.
    let line: UnsafeBufferPointer<UInt8>

    /// Writes a record and its newline; `scratch` is memory for it alone.
    static func append(
        _ line: UnsafeBufferPointer<UInt8>, number: Int64, occurrence: Int64, to buffer: inout ByteBuffer, scratch: inout ByteBuffer
    ) {
        scratch.removeAll()
        scratch.append(numberKey)
        scratch.append(integer: number)
        scratch.append(occurrenceKey)
        scratch.append(integer: occurrence)
        scratch.append(lineKey)
        let head = scratch.count
        scratch.append(UInt8(ascii: "}"))
        var checksum = CRC32C.extend(0, UnsafeBufferPointer(rebasing: scratch.bytes[..<head]))
        checksum = CRC32C.extend(CRC32C.extend(checksum, line), UnsafeBufferPointer(rebasing: scratch.bytes[head...]))
        scratch.truncate(to: head)
        buffer.append(opening)
        for place in (0..<digitCount).reversed() { buffer.append(hexDigit(UInt8(truncatingIfNeeded: checksum >> UInt32(4 * place)) & 15)) }
        buffer.append("\",")
        buffer.append(scratch.bytes)
        buffer.append(line)
        buffer.append("}\n")
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10 }

    /// Reads a record without its newline; nil if it is not just what was written.
    init?(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.count > SpoolRecord.checkedStart, bytes.last == UInt8(ascii: "}") else { return nil }
        var cursor = Cursor(bytes)
        guard cursor.take(SpoolRecord.opening), let told = cursor.hex(SpoolRecord.digitCount), cursor.take("\",") else { return nil }
        let checked = UnsafeBufferPointer(rebasing: bytes[SpoolRecord.checkedStart...])
        guard CRC32C.extend(0, checked) == told else { return nil }
        guard cursor.take(SpoolRecord.numberKey), let number = cursor.integer(), cursor.take(SpoolRecord.occurrenceKey),
            let occurrence = cursor.integer(), cursor.take(SpoolRecord.lineKey), cursor.at < bytes.count
        else { return nil }
        self.number = number
        self.occurrence = occurrence
        line = UnsafeBufferPointer(rebasing: bytes[cursor.at..<bytes.count - 1])
    }

    /// A place in the bytes of a record.
    private struct Cursor {
        let bytes: UnsafeBufferPointer<UInt8>
        var at = 0

        init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

        mutating func take(_ word: StaticString) -> Bool {
            let count = word.utf8CodeUnitCount
            guard bytes.count - at >= count else { return false }
            for index in 0..<count where bytes[at + index] != word.utf8Start[index] { return false }
            at += count
            return true
        }

        mutating func hex(_ count: Int) -> UInt32? {
            guard bytes.count - at >= count else { return nil }
            var value: UInt32 = 0
            for _ in 0..<count {
                let byte = bytes[at]
                let digit: UInt8
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
                case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
                default: return nil
                }
                value = value << 4 | UInt32(digit)
                at += 1
            }
            return value
        }

        mutating func integer() -> Int64? {
            let start = at
            var value: Int64 = 0
            while at < bytes.count, case let byte = bytes[at], byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
                guard at - start < 18 else { return nil }
                value = value * 10 + Int64(byte - UInt8(ascii: "0"))
                at += 1
            }
            return at > start ? value : nil
        }
    }
}
