@main
struct KalshiFeed {
    static func main() {}
}
