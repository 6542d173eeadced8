/// What `--dedupe` runs by, resolved.
struct DedupeSettings {
    /// When a feed that says nothing at all counts as dead.
    enum DeadAfter: Equatable {
        /// After its own heartbeat interval and a fifth; until that is known, after 12 s.
        case heartbeat
        case micros(Int64)
        case never
    }

    /// The `feed` of merged book lines.
    let name: String
    let deadAfter: DeadAfter
}
