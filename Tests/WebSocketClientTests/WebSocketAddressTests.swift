import Testing
import WebSocketClient

@Suite struct WebSocketAddressTests {
    @Test(arguments: [
        ("wss://example.com", "example.com", 443, "/", "wss://example.com/"),
        ("ws://example.com", "example.com", 80, "/", "ws://example.com/"),
        ("WSS://Example.COM/", "example.com", 443, "/", "wss://example.com/"),
        ("wss://example.com:8443/a/b?c=d&e=/?:@", "example.com", 8443, "/a/b?c=d&e=/?:@", "wss://example.com:8443/a/b?c=d&e=/?:@"),
        ("ws://example.com:443", "example.com", 443, "/", "ws://example.com:443/"),
        ("wss://example.com:443/x", "example.com", 443, "/x", "wss://example.com/x"),
        ("wss://example.com?token=1", "example.com", 443, "/?token=1", "wss://example.com/?token=1"),
        ("wss://example.com:/x", "example.com", 443, "/x", "wss://example.com/x"),
        ("ws://127.0.0.1:9001/", "127.0.0.1", 9001, "/", "ws://127.0.0.1:9001/"),
        ("wss://[2001:DB8::1]/x", "2001:db8::1", 443, "/x", "wss://[2001:db8::1]/x"),
        ("ws://[::1]:9001", "::1", 9001, "/", "ws://[::1]:9001/"),
        ("ws://under_score.xn--bcher-kva.example.:1/", "under_score.xn--bcher-kva.example.", 1, "/", nil),
    ])
    func address_isTakenApart(_ text: String, _ host: String, _ port: Int, _ path: String, _ description: String?) throws {
        let address = try WebSocketAddress(text)
        #expect(address.host == host)
        #expect(address.port == port)
        #expect(address.path == path)
        #expect(address.isSecure == text.lowercased().hasPrefix("wss"))
        #expect(address.description == description ?? text)
        #expect(try WebSocketAddress(address.description) == address)
    }

    @Test(
        arguments: [
            ("", .scheme), ("example.com", .scheme), ("https://example.com", .scheme), ("wss:/example.com", .scheme),
            ("wss://", .host), ("wss:///path", .host), ("wss://:443/", .host), ("wss://a..b/", .host), ("wss://.a/", .host),
            ("wss://a:0/", .host), ("wss://a:65536/", .host), ("wss://a:+1/", .host), ("wss://a:1x/", .host), ("wss://a:1:2/", .host),
            ("wss://::1/", .host), ("wss://[::1/", .host), ("wss://[::1]x/", .host), ("wss://[1.2.3.4]/", .host),
            ("wss://[fe80::1%25lo]/", .host),
            ("wss://a%20b/", .host), ("wss://a,b/", .host),
            ("wss://me:secret@example.com/", .userInfo), ("wss://@example.com/", .userInfo),
            ("wss://example.com/#part", .fragment), ("wss://example.com#", .fragment),
            ("wss://example.com/a b", .characters), ("wss://example.com/\r\nX: y", .characters), ("wss://bücher.example/", .characters),
        ] as [(String, WebSocketAddressError)])
    func otherTexts_areRefused(_ text: String, _ error: WebSocketAddressError) {
        #expect(throws: error) { try WebSocketAddress(text) }
        #expect(!error.description.contains("secret"))
    }

    @Test func atSignInThePath_isNoUser() throws {
        #expect(try WebSocketAddress("ws://a/@b").path == "/@b")
        #expect(try WebSocketAddress("ws://a?@b").path == "/?@b")
    }
}
