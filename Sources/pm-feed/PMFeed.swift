@main
struct PMFeed {
    static func main() {}
}
