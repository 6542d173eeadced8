/// How long something is ago, in at most four cells: `7s`, `12m`, `5h`, `30d`, `>1y`.
enum AgeText {
    /// A moment that is still to come (two clocks that disagree) is `0s`.
    static func make(micros: Int64) -> String {
        let seconds = max(micros, 0) / 1_000_000
        return switch seconds {
        case ..<60: "\(seconds)s"
        case ..<3600: "\(seconds / 60)m"
        case ..<86_400: "\(seconds / 3600)h"
        case ..<(86_400 * 366): "\(seconds / 86_400)d"
        default: ">1y"
        }
    }
}
