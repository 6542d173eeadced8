@main
struct MktSink {
    static func main() {}
}
