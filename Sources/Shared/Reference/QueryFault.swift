/// What went wrong, and in which query.
struct QueryFault: Error {
    let query: ReferenceQuery
    let cause: any Error
}
