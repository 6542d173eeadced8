internal import CProcessor

/// A string and what it stands for in one pass: checking and copying at once, for text inside text.
extension JSONScanner {
    /// The next value, which must be a string, with its escapes resolved: a copy in `buffer`, which loses what it held.
    ///
    /// Checked as strictly as `string`. The text is valid until the buffer's next change.
    public mutating func string(unescapedInto buffer: inout ByteBuffer) throws(JSONError) -> JSONText {
        buffer.removeAll()
        try takeString(unescapedOnto: &buffer)
        return buffer.text
    }

    /// The same behind what the buffer holds already. Where it throws, some of the string may have been put there.
    public mutating func takeString(unescapedOnto buffer: inout ByteBuffer) throws(JSONError) {
        try takeString(unescapedOnto: &buffer, isWide: mkt_can_unescape())
    }

    /// - Parameter isWide: Whether the processor's widest registers are used; nothing but the time depends on it.
    mutating func takeString(unescapedOnto buffer: inout ByteBuffer, isWide: Bool) throws(JSONError) {
        guard try peekByte() == UInt8(ascii: "\"") else { throw fault(.wrongKind) }
        cursor += 1
        // What is written is never longer than what is read; a block more, for stores go by whole blocks.
        let room = buffer.spare(end - cursor + JSONScanner.wideBytes)
        let written = isWide ? copyUnescapedWide(to: room) : copyUnescaped(to: room)
        buffer.commit(written)
        if cursor < end, cursor.pointee == UInt8(ascii: "\"") {
            cursor += 1
            return
        }
        // Rare: another escape than `\"`, `\\` and `\/`, a character that is not ASCII, a fault.
        let rest = try scanStringSlowly(start: cursor, at: cursor)
        buffer.append(unescaping: rest)
    }

    /// The bytes of the widest block.
    private static let wideBytes = 64

    /// The same as `copyUnescaped`, 64 bytes at a time without a step for each escape.
    private mutating func copyUnescapedWide(to target: UnsafeMutablePointer<UInt8>) -> Int {
        let copied = mkt_unescape(cursor, end - cursor, target)
        cursor += copied.taken
        return copied.written
    }

    /// Copies plain bytes and the escapes of one character that stand for themselves, and stops before anything else.
    ///
    /// - Parameter target: Room for all that is left, and for a block more.
    /// - Returns: Bytes written. The cursor is at the first byte that was not taken.
    private mutating func copyUnescaped(to target: UnsafeMutablePointer<UInt8>) -> Int {
        var out = target
        guard copyBlocks(to: &out) else { return out - target }
        var at = cursor
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

    /// The same for all that is more than two blocks away from the end of the text. False if something else was met.
    ///
    /// Blocks lie at fixed distances: the next one is looked at before it is known where its bytes will go. Waiting for that cost more
    /// than all the work.
    @inline(__always)
    private mutating func copyBlocks(to out: inout UnsafeMutablePointer<UInt8>) -> Bool {
        let blocksEnd = end - cursor >= 2 * StringBlock.byteCount ? end - 2 * StringBlock.byteCount : cursor
        // The first byte of the next word belongs to an escape.
        var isTaken = false
        while cursor < blocksEnd {
            let block = StringBlock(cursor)
            block.store(to: out)
            guard closeUp(block.front, to: &out, &isTaken), closeUp(block.back, to: &out, &isTaken) else { return false }
        }
        if isTaken {
            cursor += 1
            out += 1
        }
        return true
    }

    /// Leaves out the backslashes among the next eight bytes, which have been put down: what is behind each is put down anew, a byte
    /// nearer. False if something else than escapes is among them; the cursor is there then.
    ///
    /// - Parameter special: All bits of each of the eight bytes that is not plain.
    @inline(__always)
    private mutating func closeUp(_ special: UInt64, to out: inout UnsafeMutablePointer<UInt8>, _ isTaken: inout Bool) -> Bool {
        var special = isTaken ? special & ~0xFF : special
        isTaken = false
        while special != 0 {
            let place = special.trailingZeroBitCount >> 3
            let escape = cursor + place
            guard escape.pointee == UInt8(ascii: "\\"), JSONScanner.isItself(escape[1]) else {
                cursor = escape
                out += place
                return false
            }
            out -= 1
            StringBlock.copy(from: escape + 1, to: out + (place + 1))
            // What is escaped is itself and ends nothing.
            special &= ~(0xFFFF << UInt64(truncatingIfNeeded: place &* 8))
            isTaken = place == 7
        }
        cursor += 8
        out += 8
        return true
    }

    /// Whether the character behind a backslash is the one that the escape stands for.
    @inline(__always)
    private static func isItself(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "/")
    }
}
