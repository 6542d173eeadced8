/// What a live feed does when the reader of its standard output cannot keep up (`--on-slow`).
public enum OnSlow: String, CaseIterable, Sendable {
    /// The sockets wait until the reader has caught up. Nothing is left out; the venue may hang up on us.
    case block
    /// The sockets never wait: changes of books are folded, and the reader gets each book once, whole, when it has caught up.
    case conflate
}
