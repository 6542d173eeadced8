import Curl
import OpenSSL
import UnixTool

extension RESTClient {
    /// A client that trusts the system's authorities and those of `--ca-file`.
    static func make(caPath: String?) throws(ToolFailure) -> RESTClient {
        let trust = try TLSContext.make(caPath: caPath)
        do {
            return try RESTClient(trusting: trust, version: Doorway.version)
        } catch {
            throw ToolFailure(.bug, "cannot make REST calls: \(error)")
        }
    }
}

extension TLSContext {
    /// Who is trusted: the system's authorities and those of `--ca-file`.
    static func make(caPath: String?) throws(ToolFailure) -> TLSContext {
        do {
            return try TLSContext(caFile: caPath)
        } catch {
            throw ToolFailure(.configuration, error.description)
        }
    }
}
