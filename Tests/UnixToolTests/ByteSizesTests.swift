import Testing
import UnixTool

@Suite struct ByteSizesTests {
    @Test(
        arguments: [
            ("1B", 1), ("64KiB", 65_536), ("1KB", 1000), ("256MB", 256_000_000), ("1MiB", 1_048_576),
            ("10GB", 10_000_000_000), ("2GiB", 2_147_483_648),
            ("0MB", 0), ("5", nil), ("", nil), ("MB", nil), ("1.5MB", nil),
            ("-1MB", nil), ("1 MB", nil), ("1mb", nil), ("9999999999999GB", nil),
        ] as [(String, Int64?)])
    func isReadOrRefused(text: String, bytes: Int64?) {
        #expect(ByteSizes.bytes(text) == bytes)
    }
}
