@main
struct MktMerge {
    static func main() {}
}
