import Testing

@testable import Curl

@Suite struct RESTAddressTests {
    @Test func port_isTheSchemes_ifNoneIsGiven() throws {
        let address = try #require(RESTAddress("https://Example.com/a?key=secret#b"))
        #expect(address.host == "example.com" && address.port == "443")
        #expect(address.label == "https://Example.com/a")
    }
}
