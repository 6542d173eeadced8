/// What a test could not set up, or waited for in vain.
public struct TestFault: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}
