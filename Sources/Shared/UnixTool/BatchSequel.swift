/// What follows the last line of a batch.
public enum BatchSequel: Sendable {
    case more
    case end
    case failure(ToolFailure)
}

extension LineReader {
    /// Reads once for a batch that is not full; gives whether there is anything to look for now.
    public mutating func readOnce() -> BatchSequel {
        if isAtEnd { return .end }
        do {
            _ = try fill()
            return .more
        } catch {
            return .failure(error)
        }
    }
}
