/// A certificate authority of a test's own, made with the openssl program; its certificate is `ca.pem`.
public struct TestAuthority {
    public let folder: TemporaryFolder

    public init(in folder: TemporaryFolder) throws {
        self.folder = folder
        try OpenSSLCommand.run(
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key", "-out", "ca.pem",
                "-subj", "/CN=mktpipe test authority", "-addext", "basicConstraints=critical,CA:TRUE", "-days", "30",
            ], in: folder)
        folder.write(
            "ca.cnf",
            """
            [ca]
            default_ca = this
            [this]
            database = index.txt
            new_certs_dir = .
            default_md = sha256
            policy = any
            copy_extensions = copy
            unique_subject = no
            rand_serial = yes
            [any]
            commonName = supplied
            """)
        folder.write("index.txt", "")
    }

    /// Makes `server.key` (on the curve P-256 unless RSA is asked for) and `server.pem`.
    ///
    /// The dates are as `openssl ca` takes them: YYYYMMDDHHMMSSZ.
    public func issue(
        names: String = "DNS:localhost,IP:127.0.0.1", from start: String = "20200101000000Z", to end: String = "20991231235900Z",
        rsaBits: Int? = nil, selfSigned: Bool = false, usage: String = "serverAuth", hash: String = "sha256"
    ) throws {
        let kind = rsaBits.map { ["rsa:\($0)"] } ?? ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        let names = ["-addext", "subjectAltName=\(names)", "-addext", "extendedKeyUsage=\(usage)"]
        let request = ["req", "-newkey"] + kind + ["-nodes", "-keyout", "server.key", "-subj", "/CN=server"] + names
        if selfSigned {
            try OpenSSLCommand.run(request + ["-x509", "-days", "30", "-out", "server.pem"], in: folder)
        } else {
            try OpenSSLCommand.run(request + ["-out", "server.csr"], in: folder)
            try OpenSSLCommand.run(
                [
                    "ca", "-config", "ca.cnf", "-batch", "-notext", "-in", "server.csr", "-out", "server.pem", "-cert", "ca.pem",
                    "-keyfile", "ca.key", "-startdate", start, "-enddate", end, "-md", hash,
                ], in: folder)
        }
    }
}
