import UnixTool

/// What mkt-decide runs by, resolved and checked: nothing in it means "default".
struct DecideConfiguration: Sendable {
    let common: CommonSettings
    let rules: RuleSet
    let isPassThrough: Bool
    let isExplaining: Bool
    let isCheckOnly: Bool

    init(_ options: DecideOptions, _ common: CommonSettings, _ settings: inout Settings) throws(ToolFailure) {
        self.common = common
        isPassThrough = try settings.bool("pass-through", flag: options.passThrough)
        isExplaining = try settings.bool("explain", flag: options.explain)
        isCheckOnly = options.check
        rules =
            if let path = try settings.optionalText("rules", flag: options.rules) {
                try RuleFile.read(path)
            } else {
                try RuleFile.rules(of: settings.table("rules"), path: settings.filePath)
            }
    }

    init(common: CommonSettings, rules: RuleSet, isPassThrough: Bool = false, isExplaining: Bool = false) {
        self.common = common
        self.rules = rules
        self.isPassThrough = isPassThrough
        self.isExplaining = isExplaining
        isCheckOnly = false
    }
}
