/// Stands for the tool's main, which cannot be in a library.
enum MktSink {
    static let name = "mkt-sink"
}
