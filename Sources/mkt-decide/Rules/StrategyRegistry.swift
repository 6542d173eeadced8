/// Every strategy that a rule may name.
enum StrategyRegistry {
    private static let types: [any Strategy.Type] = [
        SpreadStrategy.self,
        MoveStrategy.self,
        TradeSizeStrategy.self,
        ThresholdStrategy.self,
        ImbalanceStrategy.self,
        ArbitrageStrategy.self,
        ComplementStrategy.self,
        EventSetStrategy.self,
        StaleQuoteStrategy.self,
        ResolutionArbStrategy.self,
        AnomalyStrategy.self,
    ]

    static var names: [String] { types.map { $0.name } }

    static func type(named name: String) -> (any Strategy.Type)? {
        types.first { $0.name == name }
    }
}
