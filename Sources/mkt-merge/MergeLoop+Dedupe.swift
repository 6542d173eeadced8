import UnixTool

/// What the loop does for `--dedupe`.
extension MergeLoop {
    /// Writes what `--dedupe` makes of the head of an input.
    mutating func write(headOf input: MergeInput, _ place: Int, by dedupe: Dedupe, _ now: Int64, _ wall: Int64) throws {
        guard input.isHeadPassed else {
            if let to = configuration.inputFilter.to, input.headReceived >= to { dedupe.cut(input: place) }
            return try output.write(headOf: input, wallMicros: wall)
        }
        dedupe.expect(input.behindNext())
        if !isLive { try pass(dedupe, to: input.headReceived) }
        let verdict = try dedupe.take(
            input.head, from: place, received: input.headReceived, arrivedMicros: input.headArrivedMicros(), nowMicros: now)
        switch verdict {
        case .pass: try output.write(headOf: input, ifNamedBy: configuration.filter, wallMicros: wall)
        case .copy, .absorbed: break
        case .malformed(let error):
            try faults.note(input.head, counter: "malformed", message: "\(input.name):\(input.lineNumber): \(error)")
        }
        try write(dedupe, wallMicros: input.kind == .live ? wall : nil)
    }

    /// Lets what was due by a time happen, and tells it.
    mutating func pass(_ dedupe: Dedupe, to micros: Int64) throws {
        guard dedupe.isDue(at: micros) else { return }
        let quiet = inputs.indices.map { !isLive || order.isQuiet($0) }
        dedupe.pass(to: micros) { quiet[$0] }
        try write(dedupe, wallMicros: nil)
    }

    /// Writes what the merged feed has to say.
    mutating func write(_ dedupe: Dedupe, wallMicros: Int64?) throws {
        guard !dedupe.lines.isEmpty else { return }
        defer { dedupe.lines.removeAll() }
        try output.write(dedupe.lines, configuration.filter, wallMicros: wallMicros)
    }
}
