/// Why books are shown from elsewhere, or not at all.
struct SwitchCause {
    /// What the lines that it brings are told by.
    let received: Int64
    /// From when nothing is trusted.
    let since: Int64
    /// In words: `a is silent`.
    let words: String
}
