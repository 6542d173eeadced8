import MarketModel

/// Ticks of an axis of time at round moments of UTC, with a date where a day begins.
struct TimeTicks {
    struct Tick: Equatable {
        let time: Int64
        let label: String
        /// Below the label of the first tick and of the first one in each day; nil elsewhere, and where the label is a date.
        let date: String?
    }

    private static let second: Int64 = 1_000_000
    private static let day: Int64 = 86_400 * second

    private static let steps: [Int64] = {
        let small: [Int64] = (0..<6).flatMap { power in [1, 2, 5].map { $0 * (0..<power).reduce(Int64(1)) { ten, _ in ten * 10 } } }
        let seconds: [Int64] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200].map { $0 * second }
        return small + seconds + [1, 2].map { $0 * day } + (0...23).map { 7 * day << $0 }
    }()

    let ticks: [Tick]

    /// - Parameter countMax: How many labels find room.
    init(from low: Int64, to high: Int64, countMax: Int = 8) {
        let span = Int128(high) - Int128(low)
        let step = TimeTicks.steps.first { span / Int128($0) < Int128(countMax) } ?? TimeTicks.steps[TimeTicks.steps.count - 1]
        var ticks: [Tick] = []
        var dayBefore: Int64?
        var number = Int128(TimeGrid.floor(low, step))
        while number * Int128(step) <= Int128(high) {
            defer { number += 1 }
            guard number * Int128(step) >= Int128(low) else { continue }
            let time = Int64(number * Int128(step))
            let civil = CivilTime(Timestamp(micros: time))
            let isDate = step >= TimeTicks.day
            let today = TimeGrid.floor(time, TimeTicks.day)
            ticks.append(
                Tick(
                    time: time, label: TimeTicks.label(civil, step), date: isDate || today == dayBefore ? nil : civil.date))
            dayBefore = today
        }
        self.ticks = ticks
    }

    /// As many parts of the clock as the step tells apart.
    private static func label(_ civil: CivilTime, _ step: Int64) -> String {
        if step >= day { return civil.date }
        if step >= 60 * second { return civil.hourMinute }
        if step >= second { return civil.clock }
        var fraction = CivilTime.padded(civil.micros, 6)
        var digits = 6
        var unit: Int64 = 1
        while step % (unit * 10) == 0, digits > 1 {
            unit *= 10
            digits -= 1
        }
        fraction.removeLast(6 - digits)
        return "\(civil.clock).\(fraction)"
    }
}
