import JSON

/// A database that holds lines of books as rows.
protocol BookStore {
    /// Its table of names.
    var texts: String { get }
    /// Whether its tables are parted by `recv_us`.
    var isPartedByTime: Bool { get }
    /// The rows of a statement whose parameters are `$1`, `$2` … in the order in which they stand in it first; nil stands for NULL.
    func rows(_ sql: String, _ parameters: [Int64]) throws -> [[String?]]
    /// The number of a name; nil where no row has it.
    func number(of name: String) throws -> Int64?
    /// Writes levels, as a row has them, as a line has them.
    func append(levels text: String, to buffer: inout ByteBuffer)
}
