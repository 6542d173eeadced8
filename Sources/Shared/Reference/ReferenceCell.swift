/// What stands in one column of one row.
enum ReferenceCell {
    case null
    /// UTF-8, good as long as the row.
    case text(UnsafeBufferPointer<UInt8>)
    case integer(Int64)
    /// Binary floating point, which is only near to what somebody wrote.
    case float
    /// Bytes that are no text.
    case blob
}
