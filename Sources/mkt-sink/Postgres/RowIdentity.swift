import MarketModel
import OpenSSL

/// Sixteen bytes for what a row tells, so that the same line again is the same row and another one of the same moment is not.
///
/// A SHA-256 cut to 128 bits, over kind, connection, venue time, payload and occurrence; not over the label, which is for people, nor over
/// what stands in the key beside it. Of a trade with an id the id alone counts, of a decision its id.
struct RowIdentity: ~Copyable {
    private var digest = Digest(.sha256)
    private let hash = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 32)

    init() {}

    deinit { hash.deallocate() }

    mutating func of(_ row: borrowing EventRow, in table: EventTable) -> (UInt64, UInt64) {
        digest.begin()
        let decisionID = EnvelopeCell.count + 3
        if row.kind == .trade, row.text(EventTable.tradeIDCell) != nil {
            add(row, EventTable.tradeIDCell)
        } else if row.kind == .decision {
            add(row, decisionID)
        } else {
            add(row, EnvelopeCell.venueTime.rawValue)
            for index in EnvelopeCell.ordinal.rawValue..<row.count { add(row, index) }
        }
        digest.finish(into: hash)
        func word(_ from: Int) -> UInt64 { hash[from..<from + 8].reduce(0) { $0 << 8 | UInt64($1) } }
        return (word(0), word(8))
    }

    /// A cell with its kind and length, so that no two rows run together to the same bytes.
    private mutating func add(_ row: borrowing EventRow, _ index: Int) {
        if let text = row.text(index) {
            add(tag: 2, Int64(text.count))
            digest.update(text)
        } else if case .integer(let value) = row.cell(index) {
            add(tag: 1, value)
        } else {
            add(tag: 0, 0)
        }
    }

    private mutating func add(tag: UInt8, _ value: Int64) {
        withUnsafeBytes(of: (UInt64(tag), value.littleEndian)) { digest.update($0.bindMemory(to: UInt8.self)) }
    }
}
