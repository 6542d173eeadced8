import UnixTool

/// A row of a batch that the database refuses for good, so that nothing of the batch is stored and the target holds none of it any more.
struct BatchRefusal: Error {
    /// As it ends a run that cannot set rows aside.
    let failure: ToolFailure
    /// In the database's words, without advice.
    let reason: String
    /// Whether it is the row that was taken last; otherwise it is any of them.
    let isOfLastRow: Bool
}
