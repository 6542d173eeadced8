import Testing

@testable import WebSocketClient

@Suite struct HTTPProxyTests {
    private static func find(_ address: String, _ environment: [String: String]) throws -> HTTPProxy? {
        try HTTPProxy.find(for: WebSocketAddress(address), environment: environment)
    }

    private static let secure = "wss://example.com/"
    private static let plain = "ws://example.com/"

    @Test(
        arguments: [
            (secure, [:], nil),
            (secure, ["https_proxy": "http://one:1", "HTTPS_PROXY": "http://two:2"], "one:1"),
            (secure, ["HTTPS_PROXY": "http://two:2", "ALL_PROXY": "http://four:4"], "two:2"),
            (secure, ["https_proxy": "", "HTTPS_PROXY": "http://two:2"], "two:2"),
            (secure, ["all_proxy": "three:3", "ALL_PROXY": "http://four:4"], "three:3"),
            (secure, ["ALL_PROXY": "http://four:4"], "four:4"),
            (secure, ["http_proxy": "http://five:5"], nil),
            (plain, ["http_proxy": "http://five:5/"], "five:5"),
            (plain, ["HTTP_PROXY": "http://five:5"], nil),
            (plain, ["https_proxy": "http://one:1"], nil),
            (plain, ["http_proxy": "", "all_proxy": "http://[::1]:3"], "[::1]:3"),
            (secure, ["https_proxy": "proxy"], "proxy:80"),
            (secure, ["https_proxy": "HTTP://Proxy:8080/path?x"], "proxy:8080"),
            (secure, ["https_proxy": "http://one:1", "no_proxy": "", "NO_PROXY": "example.com"], nil),
            (secure, ["https_proxy": "http://one:1", "no_proxy": "other", "NO_PROXY": "example.com"], "one:1"),
        ] as [(String, [String: String], String?)])
    func variables_areLookedAtInOrder(_ address: String, _ environment: [String: String], _ proxy: String?) throws {
        #expect(try Self.find(address, environment)?.description == proxy)
    }

    @Test(arguments: [
        ("http://me:pass@proxy:1", "bWU6cGFzcw=="),
        ("http://me@proxy:1", "bWU6"),
        ("me:p%40ss%3Aw%25@proxy:1", "bWU6cEBzczp3JQ=="),
        ("http://m@e:p@ss@proxy:1", "bUBlOnBAc3M="),
    ])
    func credentials_goIntoTheRequest_andNowhereElse(_ text: String, _ base64: String) throws {
        let proxy = try #require(try Self.find(Self.secure, ["https_proxy": text]))
        let request = proxy.request(to: try WebSocketAddress("wss://[::1]:8443/path"))
        #expect(
            request == "CONNECT [::1]:8443 HTTP/1.1\r\nHost: [::1]:8443\r\nProxy-Authorization: Basic \(base64)\r\n\r\n")
        var dumped = ""
        dump(proxy, to: &dumped)
        for shown in [dumped, "\(proxy)", String(reflecting: proxy), String(describing: Optional(proxy))] {
            #expect(!shown.contains(base64) && !shown.contains("p@ss") && !shown.contains("me"))
        }
    }

    @Test func requestWithoutCredentials_hasNoAuthorization() throws {
        let proxy = try #require(try Self.find(Self.secure, ["https_proxy": "http://proxy:1"]))
        #expect(
            proxy.request(to: try WebSocketAddress("ws://example.com")) == "CONNECT example.com:80 HTTP/1.1\r\nHost: example.com:80\r\n\r\n"
        )
    }

    @Test(arguments: [
        ("https://me:secret@proxy:1", "https"), ("socks5://me:secret@proxy:1", "socks5"), ("socks5h://proxy", "socks5h"),
    ])
    func otherKindsOfProxies_areRefused_withTheirKind(_ text: String, _ scheme: String) {
        let error = HTTPProxyError.scheme(variable: "ALL_PROXY", scheme: scheme)
        #expect(throws: error) { try Self.find(Self.secure, ["ALL_PROXY": text]) }
        #expect(error.description.contains("\(scheme)://") && error.description.contains("ALL_PROXY"))
    }

    @Test(arguments: [
        "http://", "http://me:%zz@proxy:1", "http://me:%4@proxy:1", "http://proxy:0", "proxy:port", "http://a b:1", "http://secret@:1",
    ])
    func otherTexts_areRefused(_ text: String) {
        #expect(throws: HTTPProxyError.address(variable: "https_proxy")) { try Self.find(Self.secure, ["https_proxy": text]) }
    }

    @Test func unusableProxy_isNoFault_forThoseReachedDirectly() throws {
        #expect(try Self.find(Self.secure, ["https_proxy": "socks5://a", "no_proxy": "*"]) == nil)
    }
}
