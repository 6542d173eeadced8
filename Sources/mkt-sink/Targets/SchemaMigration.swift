/// One step of the tables' history. What has been released is never changed: a new step is added.
struct SchemaMigration: Sendable {
    let version: Int64
    let sql: String

    static let all = [
        SchemaMigration(version: 1, sql: books + trades + markets + status + privates + decisions),
        SchemaMigration(version: 2, sql: negativeRisk),
        SchemaMigration(version: 3, sql: paperAccounts),
    ]
}
