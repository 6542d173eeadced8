/// Turns values into places on an axis, in tenths of a pixel, by whole numbers only.
struct LinearScale {
    let low: Int128
    /// Above `low`.
    let high: Int128
    let start: Int
    let end: Int

    /// The place of a value, rounded to the nearest tenth; values outside are at the ends.
    func place(_ value: Int128) -> Int {
        let inside = min(max(value, low), high)
        let (span, room) = (high - low, Int128(end - start))
        let scaled = (inside - low) * room.magnitudeValue
        let tenths = Int((scaled + span / 2) / span)
        return room < 0 ? start - tenths : start + tenths
    }
}

extension Int128 {
    fileprivate var magnitudeValue: Int128 { self < 0 ? -self : self }
}
