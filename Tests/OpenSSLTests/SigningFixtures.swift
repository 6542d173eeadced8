import TestSupport

/// Vectors that stay outside the project, at `../shared/fixtures` beside it.
enum SigningFixtures {
    static let folder: String = {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        return "/\(root)/../shared/fixtures/kalshi/auth/"
    }()

    static let areHere: Bool = {
        let found = TemporaryFolder.read(path: folder + "ed25519-vectors.json") != nil
        if !found { print("SKIPPED: no fixtures at \(folder); the tests that read them do not run") }
        return found
    }()
}
