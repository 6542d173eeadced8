@main
struct MktDecide {
    static func main() {}
}
