import JSON

/// Reading here and using there.
extension EventDecoder {
    /// Reads a line as `decodeEvent` does and puts what it found, faults too, behind `lines`.
    ///
    /// - Parameter line: Stays in place as long as `lines` is used.
    public mutating func decodeEvent(_ line: UnsafeBufferPointer<UInt8>, onto lines: inout DecodedLines) {
        var fault: EventError?
        do throws(EventError) {
            try decodeEvent(line)
        } catch {
            fault = error
        }
        let firstValue = UInt32(lines.values.count)
        lines.append(fieldsSeen, of: values)
        let firstBid = UInt32(lines.levels.count)
        lines.append(bids)
        let firstAsk = UInt32(lines.levels.count)
        lines.append(asks)
        let faultPlace = lines.append(fault)
        lines.append(
            DecodedLines.Line(
                start: line.baseAddress, received: received, bookSequence: bookSequence, count: UInt32(line.count),
                originNumber: originNumber.map { Int32($0) } ?? -1, firstValue: firstValue, endOfValues: UInt32(lines.values.count),
                firstBid: firstBid, firstAsk: firstAsk, endOfLevels: UInt32(lines.levels.count), fault: faultPlace, kind: kind))
    }

    /// Takes up a line that another decoder has read: from here on all is as if this one had read it just now, its fault too.
    ///
    /// `originNumber` is the other one's, so a decoder takes up the lines of one other, or reads for itself, and never both.
    public mutating func take(_ index: Int, of lines: borrowing DecodedLines) throws(EventError) {
        beginLine()
        let found = lines.lines[index]
        let fields = lines.values[Int(found.firstValue)..<Int(found.endOfValues)]
        for index in fields.indices { put(fields[index].value, at: Int(fields[index].place)) }
        EventDecoder.fill(&bids, with: found.firstBid..<found.firstAsk, of: lines)
        EventDecoder.fill(&asks, with: found.firstAsk..<found.endOfLevels, of: lines)
        kind = found.kind
        received = found.received
        bookSequence = found.bookSequence
        originNumber = found.originNumber < 0 ? nil : Int(found.originNumber)
        if found.fault >= 0 { throw lines.faults[Int(found.fault)] }
    }

    @inline(__always)
    private static func fill(_ levels: inout [Level], with places: Range<UInt32>, of lines: borrowing DecodedLines) {
        if !levels.isEmpty { levels.removeAll(keepingCapacity: true) }
        guard !places.isEmpty else { return }
        levels.append(contentsOf: lines.levels[Int(places.lowerBound)..<Int(places.upperBound)])
    }
}
