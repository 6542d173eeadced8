/// `--color`: whether texts may look different.
enum ColourChoice: String, CaseIterable {
    case auto, always, never

    /// - Parameters:
    ///   - isTerminal: Whether they go to a terminal.
    ///   - isRefused: `NO_COLOR` is in the environment (no-color.org); who says `always` overrules it.
    func isOn(isTerminal: Bool, isRefused: Bool) -> Bool {
        switch self {
        case .always: true
        case .never: false
        case .auto: isTerminal && !isRefused
        }
    }
}
