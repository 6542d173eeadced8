import JSON
import MarketModel

/// JSON in one spelling, so that a line that jq has been at gives the same row.
///
/// No blanks; keys of objects in rising byte order, each once (the last one counts); strings in our escapes; numbers as plain decimals. A
/// number that is neither a whole one in 64 bits nor exact in millionths is a fault: nothing is rounded.
enum CanonicalJSON {
    /// The value that `text` holds. `field` is named in faults.
    static func append(_ text: JSONText, _ field: EventField, to buffer: inout ByteBuffer) throws(EventError) {
        var writer = CanonicalWriter(text)
        do {
            guard try writer.append(to: &buffer) else { throw EventError.outOfRange(field) }
        } catch let error as EventError {
            throw error
        } catch {
            throw .wrongValue(field)
        }
    }

    /// The members of a whole line that are not of its envelope, as one object.
    static func appendPayload(of line: UnsafeBufferPointer<UInt8>, to buffer: inout ByteBuffer) throws(EventError) {
        var writer = CanonicalWriter(JSONText(base: line.baseAddress!, count: line.count))
        do {
            guard try writer.appendObject(to: &buffer, leavingOut: isEnvelope) else { throw EventError.outOfRange(.type) }
        } catch let error as JSONError {
            throw .json(error)
        } catch let error as EventError {
            throw error
        } catch {
            throw .wrongValue(.type)
        }
    }

    private static func isEnvelope(_ key: JSONText) -> Bool {
        EventField(key).map { $0.rawValue <= EventField.venueUs.rawValue } ?? false
    }
}

/// Walks a value and writes it in the one spelling. The scanner bounds how deep it goes.
struct CanonicalWriter {
    private struct Member {
        /// Where the key (its quotes included) and the whole member stand in the buffer.
        let key: Range<Int>
        let whole: Range<Int>
    }

    private var scanner: JSONScanner

    init(_ text: JSONText) { scanner = JSONScanner(text) }

    /// The next value. False if it holds a number that has no exact value.
    mutating func append(to buffer: inout ByteBuffer) throws(JSONError) -> Bool {
        switch try scanner.peekKind() {
        case .object: return try appendObject(to: &buffer) { _ in false }
        case .array: return try appendArray(to: &buffer)
        case .string: buffer.append(string: try scanner.string())
        case .bool: buffer.append(try scanner.bool() ? "true" : "false")
        case .null:
            _ = try scanner.takeNull()
            buffer.append("null")
        case .number:
            let number = try scanner.number()
            if let integer = number.integer {
                buffer.append(integer: integer)
            } else if let millionths = try? Decimal6.parse(number) {
                buffer.append(millionths: millionths)
            } else {
                return false
            }
        }
        return true
    }

    private mutating func appendArray(to buffer: inout ByteBuffer) throws(JSONError) -> Bool {
        try scanner.beginArray()
        buffer.append(UInt8(ascii: "["))
        var isFirst = true
        while try scanner.nextElement() {
            if !isFirst { buffer.append(UInt8(ascii: ",")) }
            isFirst = false
            guard try append(to: &buffer) else { return false }
        }
        buffer.append(UInt8(ascii: "]"))
        return true
    }

    /// An object without the members whose key is to be left out.
    mutating func appendObject(
        to buffer: inout ByteBuffer, leavingOut isLeftOut: (JSONText) -> Bool
    ) throws(JSONError) -> Bool {
        try scanner.beginObject()
        buffer.append(UInt8(ascii: "{"))
        let start = buffer.count
        var members: [Member] = []
        while let key = try scanner.nextKey() {
            guard !isLeftOut(key) else {
                try scanner.skipValue()
                continue
            }
            if !members.isEmpty { buffer.append(UInt8(ascii: ",")) }
            let from = buffer.count
            buffer.append(string: key)
            let keyEnd = buffer.count
            buffer.append(UInt8(ascii: ":"))
            guard try append(to: &buffer) else { return false }
            members.append(Member(key: from..<keyEnd, whole: from..<buffer.count))
        }
        CanonicalWriter.sort(members, from: start, in: &buffer)
        buffer.append(UInt8(ascii: "}"))
        return true
    }

    /// Puts members that were written in any order into rising order of their keys; of equal keys the last one stays.
    private static func sort(_ members: [Member], from start: Int, in buffer: inout ByteBuffer) {
        let text = Array(buffer.bytes[start...])
        func key(_ member: Member) -> ArraySlice<UInt8> { text[member.key.lowerBound - start..<member.key.upperBound - start] }
        func precedes(_ left: Member, _ right: Member) -> Bool { key(left).lexicographicallyPrecedes(key(right)) }
        guard !zip(members, members.dropFirst()).allSatisfy({ precedes($0, $1) }) else { return }
        // Equal keys stay in the order of the line, whatever the sort does with them.
        let sorted = members.sorted {
            precedes($0, $1) || (!precedes($1, $0) && $0.whole.lowerBound < $1.whole.lowerBound)
        }
        buffer.truncate(to: start)
        for (index, member) in sorted.enumerated() {
            if index + 1 < sorted.count, key(member) == key(sorted[index + 1]) { continue }
            if buffer.count > start { buffer.append(UInt8(ascii: ",")) }
            buffer.append(Array(text[member.whole.lowerBound - start..<member.whole.upperBound - start]))
        }
    }
}
