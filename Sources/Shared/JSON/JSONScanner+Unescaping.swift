/// A string and what it stands for in one pass: checking and copying at once, for text inside text.
extension JSONScanner {
    /// The next value, which must be a string, with its escapes resolved: a copy in `buffer`, which loses what it held.
    ///
    /// Checked as strictly as `string`. The text is valid until the buffer's next change.
    public mutating func string(unescapedInto buffer: inout ByteBuffer) throws(JSONError) -> JSONText {
        guard try peekByte() == UInt8(ascii: "\"") else { throw fault(.wrongKind) }
        cursor += 1
        buffer.removeAll()
        // What is written is never longer than what is read; a block more, for stores go by whole blocks.
        let room = buffer.spare(end - cursor + StringBlock.byteCount)
        let written = copyUnescaped(to: room)
        buffer.commit(written)
        if cursor < end, cursor.pointee == UInt8(ascii: "\"") {
            cursor += 1
            return buffer.text
        }
        // Rare: another escape than `\"`, `\\` and `\/`, a character that is not ASCII, a fault.
        let rest = try scanStringSlowly(start: cursor, at: cursor)
        buffer.append(unescaping: rest)
        return buffer.text
    }

    /// Copies plain bytes and the escapes of one character that stand for themselves, and stops before anything else.
    ///
    /// - Parameter target: Room for all that is left, and for a block more.
    /// - Returns: Bytes written. The cursor is at the first byte that was not taken.
    private mutating func copyUnescaped(to target: UnsafeMutablePointer<UInt8>) -> Int {
        var (at, out) = (cursor, target)
        // One byte more than a block: the one behind a backslash at its end is looked at too.
        let blocksEnd = end - at > StringBlock.byteCount ? end - StringBlock.byteCount : at
        while at < blocksEnd {
            let block = StringBlock(at)
            block.store(to: out)
            let plain = block.plainCount
            at += plain
            out += plain
            if plain == StringBlock.byteCount { continue }
            let escaped = at[1]
            guard at.pointee == UInt8(ascii: "\\"), escaped == UInt8(ascii: "\"") || JSONScanner.isItself(escaped) else {
                cursor = at
                return out - target
            }
            out.pointee = escaped
            at += 2
            out += 1
        }
        while at < end {
            if StringBlock.isPlain(at.pointee) {
                out.pointee = at.pointee
                at += 1
            } else {
                guard at.pointee == UInt8(ascii: "\\"), end - at >= 2, JSONScanner.isItself(at[1]) else { break }
                out.pointee = at[1]
                at += 2
            }
            out += 1
        }
        cursor = at
        return out - target
    }

    /// Whether the character behind a backslash is the one that the escape stands for.
    @inline(__always)
    private static func isItself(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "/")
    }
}
