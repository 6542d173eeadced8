import Curl
import Glibc
import TestSupport
import Testing

/// The proxies of the environment. Each test has a process of its own, because the environment is everybody's.
@Suite struct RESTProxyTests {
    @Test func httpsProxy_isAskedForTheServer() async throws {
        await #expect(processExitsWith: .success) {
            let folder = TemporaryFolder()
            try TestAuthority(in: folder).issue(names: "DNS:only.the.proxy.knows.test,DNS:localhost")
            let server = try RESTServer(in: folder, isTLS: true)
            let proxy = try RESTServer("connect_proxy.py", [folder.file("tunnels"), "user:hidden"], in: folder)
            setenv("HTTPS_PROXY", "http://user:hidden@127.0.0.1:\(proxy.port)", 1)
            setenv("NO_PROXY", "localhost", 1)
            let loop = try Loop(caFile: folder.file("ca.pem"))
            let name = "only.the.proxy.knows.test:\(server.port)"
            #expect(try loop.answer("https://\(name)/json").status == 200)
            #expect(folder.text("tunnels") == "\(name)\n")
            // Not for those that NO_PROXY names.
            #expect(try loop.answer("https://localhost:\(server.port)/json").status == 200)
            #expect(folder.text("tunnels") == "\(name)\n")
        }
    }

    @Test func proxyThatRefuses_isNamed_withoutItsPassword() async throws {
        await #expect(processExitsWith: .success) {
            let folder = TemporaryFolder()
            let proxy = try RESTServer("connect_proxy.py", [folder.file("tunnels"), "user:other"], in: folder)
            let loop = try Loop()
            func text(_ address: String) throws -> String {
                setenv("HTTPS_PROXY", address, 1)
                let text = try loop.failure(RESTRequest(url: "https://example.test/json")).description
                #expect(!text.contains("hidden"))
                return text
            }
            #expect(try text("http://user:hidden@127.0.0.1:\(proxy.port)").contains("407"))
            #expect(try text("http://user:hidden@no.such.name.invalid:1").contains("HTTPS_PROXY"))
            #expect(try text("http://user:hidden@127.0.0.1:99999").contains("HTTPS_PROXY"))
            #expect(try text("nonsense://user:hidden@127.0.0.1").contains("HTTPS_PROXY"))
            proxy.end()
            #expect(try text("http://user:hidden@127.0.0.1:\(proxy.port)").contains("port \(proxy.port): Connection refused"))
        }
    }
}
