/// Something that is made when it is first asked for, and never again.
public final class Once<Value> {
    private let make: () -> Value
    private lazy var made = make()

    public init(_ make: @escaping () -> Value) { self.make = make }

    public var value: Value { made }
}
