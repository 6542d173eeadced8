import JSON

/// How one series is drawn: its place among the colours, and a path through its buckets.
enum SeriesMark {
    case rule(Int)
    case total

    /// The class of the path.
    var name: StaticString {
        let names: [StaticString] = ["s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7"]
        switch self {
        case .rule(let place): return names[place % names.count]
        case .total: return "st"
        }
    }

    /// A step line that begins at zero and holds each value until the next; where a bucket has several, it goes through the greatest, the least and the last.
    func appendSteps(
        _ series: TimeBuckets<Extent>, isDownward: Bool = false, width: Int64, in frame: ChartFrame, to buffer: inout ByteBuffer
    ) {
        begin("l", to: &buffer)
        var (x, y) = (frame.times.start, frame.zero)
        append("M", x, y, to: &buffer)
        for bucket in series.buckets {
            let extent = bucket.content
            var values = extent.low == extent.high ? [extent.last] : [extent.high, extent.low, extent.last]
            if isDownward { values = values.map { -$0 } }
            let places = values.map(frame.values.place)
            guard places.contains(where: { $0 != y }) else { continue }
            let next = frame.times.place(Int128(bucket.index) * Int128(width))
            if next != x { append("H", next, to: &buffer) }
            x = next
            for place in places where place != y {
                append("V", place, to: &buffer)
                y = place
            }
        }
        if x != frame.times.end { append("H", frame.times.end, to: &buffer) }
        buffer.append("\"/>\n")
    }

    /// A dot for each bucket with one value; for each with several two dots and a thin stroke between them.
    func appendDots(_ series: TimeBuckets<Extent>, width: Int64, in frame: ChartFrame, to buffer: inout ByteBuffer) {
        let strokes = series.buckets.map { bucket in
            let x = frame.times.place(Int128(bucket.index) * Int128(width) + Int128(width / 2))
            return (x: x, low: frame.values.place(bucket.content.low), high: frame.values.place(bucket.content.high))
        }
        begin("e", to: &buffer)
        for stroke in strokes where stroke.low != stroke.high {
            append("M", stroke.x, stroke.low, to: &buffer)
            append("V", stroke.high, to: &buffer)
        }
        buffer.append("\"/>\n")
        begin("d", to: &buffer)
        for stroke in strokes {
            append("M", stroke.x, stroke.low, to: &buffer)
            buffer.append("h0")
            guard stroke.low != stroke.high else { continue }
            append("M", stroke.x, stroke.high, to: &buffer)
            buffer.append("h0")
        }
        buffer.append("\"/>\n")
    }

    private func begin(_ kind: StaticString, to buffer: inout ByteBuffer) {
        buffer.append("<path class=\"")
        buffer.append(kind)
        buffer.append(" ")
        buffer.append(name)
        buffer.append("\" d=\"")
    }

    private func append(_ command: StaticString, _ places: Int..., to buffer: inout ByteBuffer) {
        buffer.append(command)
        for (index, place) in places.enumerated() {
            if index > 0 { buffer.append(" ") }
            buffer.append(tenths: place)
        }
    }

    /// The entry of a legend: a piece of the line, or a dot, and a name.
    func appendLegend(_ text: String, isDotted: Bool, to buffer: inout ByteBuffer) {
        buffer.append("<li><svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 28 10\" aria-hidden=\"true\">")
        begin(isDotted ? "d" : "l", to: &buffer)
        buffer.append(isDotted ? "M14 5h0\"/></svg><bdi>" : "M0 5H28\"/></svg><bdi>")
        buffer.append(html: CutText.cut(text, 80))
        buffer.append("</bdi></li>\n")
    }
}
