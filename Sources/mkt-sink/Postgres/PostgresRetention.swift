/// How long partitions are kept behind their last moment.
struct PostgresRetention: Sendable {
    let micros: Int64
    /// They stay as tables of their own instead of going.
    let isDetaching: Bool

    /// What was taken away.
    struct Gone {
        let count: Int
        let isDetached: Bool
    }
}
