import Testing

@testable import WebSocketClient

@Suite struct ProxyExceptionsTests {
    @Test(arguments: [
        ("*", "anything", 1, true),
        ("", "a", 1, false),
        ("a.example", "a.example", 1, true),
        ("A.Example", "a.example", 1, true),
        ("a.example", "b.a.example", 1, true),
        ("a.example", "ba.example", 1, false),
        ("a.example", "example", 1, false),
        (".a.example", "a.example", 1, true),
        (".a.example", "b.a.example", 1, true),
        ("*.a.example", "b.a.example", 1, true),
        ("a.example.", "a.example", 1, true),
        ("a.example", "a.example.", 1, true),
        ("x, y\ta.example", "a.example", 1, true),
        ("x,,a.example,", "a.example", 1, true),
        ("a.example:443", "a.example", 443, true),
        ("a.example:443", "b.a.example", 443, true),
        ("a.example:443", "a.example", 80, false),
        ("127.0.0.1", "127.0.0.1", 1, true),
        ("0.0.1", "127.0.0.1", 1, false),
        ("127.0.0.1:80", "127.0.0.1", 80, true),
        ("127.0.0.1:80", "127.0.0.1", 81, false),
        ("10.0.0.0/8", "10.200.3.4", 1, true),
        ("10.0.0.0/8", "11.0.0.1", 1, false),
        ("10.1.2.3/32", "10.1.2.4", 1, false),
        ("192.168.128.0/17", "192.168.127.255", 1, false),
        ("192.168.128.0/17", "192.168.255.255", 1, true),
        ("0.0.0.0/0", "1.2.3.4", 1, true),
        ("0.0.0.0/0", "::1", 1, false),
        ("10.0.0.0/33", "10.0.0.0", 1, false),
        ("10.0.0.0/8", "a.example", 1, false),
        ("::1", "::1", 1, true),
        ("0:0:0:0:0:0:0:1", "::1", 1, true),
        ("[::1]", "::1", 1, true),
        ("[::1]:443", "::1", 443, true),
        ("[::1]:443", "::1", 444, false),
        ("2001:db8::/32", "2001:db8:ffff::1", 1, true),
        ("2001:db8::/32", "2001:db9::1", 1, false),
    ])
    func lists_nameThoseWithoutAProxy(_ list: String, _ host: String, _ port: Int, _ isContained: Bool) {
        #expect(ProxyExceptions(list).contain(host: host, port: port) == isContained)
    }
}
