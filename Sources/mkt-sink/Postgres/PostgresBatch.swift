import JSON
import MarketModel

/// The rows that wait for their transaction, a run of them for each table.
struct PostgresBatch: ~Copyable {
    /// By kind, at the place of its raw value.
    private let rows = UnsafeMutablePointer<CopyRows>.allocate(capacity: EventTable.all.count)
    private let columns = EventTable.all.map(PostgresColumn.all)
    private var identity = RowIdentity()
    private var levels: [Int64] = []
    private(set) var count: Int64 = 0
    /// The latest `recv_us` of the rows.
    private(set) var latest = Int64.min
    /// The days of UTC since 1970 on which rows were received.
    private(set) var days: Set<Int64> = []
    private var lastDay: Int64?

    init() {
        for index in EventTable.all.indices { (rows + index).initialize(to: CopyRows()) }
    }

    deinit {
        rows.deinitialize(count: EventTable.all.count)
        rows.deallocate()
    }

    mutating func removeAll() {
        for index in EventTable.all.indices where rows[index].count > 0 { rows[index].removeAll() }
        count = 0
        latest = .min
        days.removeAll(keepingCapacity: true)
        lastDay = nil
    }

    /// Puts a row behind the others.
    ///
    /// - Parameter number: Gives the number of a name.
    mutating func append(_ row: borrowing EventRow, number: (UnsafeBufferPointer<UInt8>) throws -> Int64) throws {
        guard PostgresBatch.timeRange.contains(row.received.micros) else {
            throw RowRefusal("recv_us \(row.received.micros) is outside the years 1 to 9999, which are all that partitions are made for")
        }
        let index = Int(row.kind.rawValue)
        rows[index].beginRow(columns: columns[index].count)
        do {
            for column in columns[index] { try append(column, row, index, number) }
        } catch {
            rows[index].dropRow()
            throw error
        }
        count += 1
        latest = max(latest, row.received.micros)
        let day = PostgresBatch.day(of: row.received)
        if day != lastDay { days.insert(day) }
        lastDay = day
    }

    /// 0001-01-01 to 9999-12-31.
    private static let timeRange: ClosedRange<Int64> = -62_135_596_800_000_000...253_402_300_799_999_999
    static let dayMicros: Int64 = 86_400_000_000

    /// Rounded down.
    static func day(of time: Timestamp) -> Int64 {
        let (day, rest) = time.micros.quotientAndRemainder(dividingBy: dayMicros)
        return rest < 0 ? day - 1 : day
    }

    private mutating func append(
        _ column: PostgresColumn, _ row: borrowing EventRow, _ index: Int, _ number: (UnsafeBufferPointer<UInt8>) throws -> Int64
    ) throws {
        guard let cell = column.cell else {
            return rows[index].append(uuid: identity.of(row, in: EventTable.all[index]))
        }
        switch (column.kind, row.cell(cell)) {
        case (.name, _):
            let value = try row.text(cell).map(number) ?? 0
            guard let small = Int32(exactly: value) else { throw RowRefusal("there are more names than mkt_texts can number") }
            rows[index].append(integer: small)
        case (.integer, .integer(let value)): rows[index].append(bigint: value)
        case (.boolean, .integer(let value)): rows[index].append(boolean: value != 0)
        case (_, .null) where cell == EnvelopeCell.conn.rawValue: rows[index].append(bigint: 0)
        case (_, .null): rows[index].appendNull()
        case (.levels, _):
            try readLevels(row.text(cell)!)
            rows[index].append(bigints: levels)
        default:
            guard let text = row.text(cell) else { throw RowRefusal("\(column.name) is of another kind than its column") }
            guard !text.contains(0) else { throw RowRefusal("\(column.name) has a character that PostgreSQL cannot store (U+0000)") }
            rows[index].append(text: text)
        }
    }

    /// Levels as our own row spells them.
    private mutating func readLevels(_ text: UnsafeBufferPointer<UInt8>) throws {
        levels.removeAll(keepingCapacity: true)
        var scanner = JSONScanner(text)
        try scanner.beginArray()
        while try scanner.nextElement() {
            try scanner.beginArray()
            while try scanner.nextElement() { levels.append(try Decimal6.parse(try scanner.number())) }
        }
    }

    /// Hands over the tables that have rows, in the order of their kinds: two sinks meet them in the same order.
    mutating func forEach(_ body: (EventTable, UnsafeRawBufferPointer, Int64) throws -> Void) throws {
        for (index, table) in EventTable.all.enumerated() where rows[index].count > 0 {
            rows[index].end()
            defer { rows[index].reopen() }
            try body(table, UnsafeRawBufferPointer(rows[index].bytes.bytes), rows[index].count)
        }
    }
}

/// A row that a target cannot store, and why.
struct RowRefusal: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}
