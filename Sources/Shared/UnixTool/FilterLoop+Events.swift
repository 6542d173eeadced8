extension FilterLoop where Stage: EventStage {
    /// Runs to the end. Where the input is a regular file a second thread reads and decodes ahead; what the stage does is the same.
    public mutating func runEvents(descriptor: Int32 = 0) throws {
        guard let ahead = readAhead(descriptor) else { return try run(descriptor: descriptor) }
        defer { ahead.stop() }
        var position = BatchPosition()
        try run(isLive: false) { (loop) in try loop.takeEvents(ahead, &position) }
    }

    /// nil where the input is no file, or the system has no thread for it: then all is read in its turn.
    private func readAhead(_ descriptor: Int32) -> ReadAhead<EventBatch>? {
        guard Descriptor.isRegularFile(descriptor) else { return nil }
        return try? ReadAhead(ReadAhead.batches { EventBatch(readBytes: EventFiller.readBytes) }) {
            EventFiller(LineReader(descriptor: descriptor, name: "standard input", readBytes: EventFiller.readBytes))
        }
    }

    /// Takes a batch, or what is left of one. False at the end of input.
    private func takeEvents(_ ahead: ReadAhead<EventBatch>, _ position: inout BatchPosition) throws -> Bool {
        if try waitIfHeld() { return true }
        if position.batch == nil {
            try stage.willRead()
            if stage.isHeld { return true }
            position = BatchPosition(batch: ahead.take())
        }
        // None came before a signal did.
        guard let batch = position.batch else { return true }
        while position.index < batch.pieces.count {
            if try waitIfHeld() { return true }
            position.index += 1
            switch batch.pieces[position.index - 1] {
            case .line(let line):
                stage.expect(line, of: batch)
                try stage.take(line, of: batch)
            case .tooLong(let bytes): try skip(tooLong: bytes)
            }
            if stage.isFull { return false }
        }
        position.batch = nil
        switch batch.sequel {
        case .more:
            ahead.giveBack(batch)
            return true
        case .end: return false
        case .failure(let failure): throw failure
        }
    }
}

/// How far a batch was taken in.
private struct BatchPosition {
    var batch: EventBatch?
    var index = 0
}
