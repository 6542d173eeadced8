import JSON

/// A field as its key stands in a line of ours (`"recv_us":`), and the field to be guessed behind it.
struct EventGuess {
    let spelling: KeySpelling
    let field: EventField
    let next: EventField
}

/// The guesses of all fields.
struct EventGuesses: ~Copyable {
    private let guesses: UnsafeMutablePointer<EventGuess>

    init() {
        let fields = EventField.allCases
        guesses = UnsafeMutablePointer<EventGuess>.allocate(capacity: fields.count)
        for field in fields {
            let name = UnsafeBufferPointer(start: field.name.utf8Start, count: field.name.utf8CodeUnitCount)
            (guesses + Int(field.rawValue)).initialize(to: EventGuess(spelling: KeySpelling(name), field: field, next: field.likelyNext))
        }
    }

    deinit { guesses.deallocate() }

    /// Where the guess lies: nothing is copied for a key.
    @inline(__always)
    subscript(field: EventField) -> UnsafePointer<EventGuess> { UnsafePointer(guesses + Int(field.rawValue)) }
}
