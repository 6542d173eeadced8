import Glibc
import JSON
import TestSupport

/// Recorded and constructed frames that stay outside the project, at `../shared/fixtures` beside it.
enum Fixtures {
    static let folder: String = {
        // Tests/PMFeedTests/Fixtures.swift is three steps below the project's root.
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        return "/\(root)/../shared/fixtures/polymarket"
    }()

    static var areHere: Bool { access(folder, R_OK) == 0 }
    static let absence = "no fixtures at ../shared/fixtures/polymarket beside the project: these tests are skipped"

    static func text(_ name: String) -> String {
        let folder = TemporaryFolder.read(path: "\(Fixtures.folder)/\(name)")
        return String(decoding: folder ?? [], as: UTF8.self)
    }

    static func lines(_ name: String) -> [String] { text(name).split(separator: "\n").map(String.init) }

    /// The string member `key` of a JSON object, escapes resolved.
    static func string(_ key: String, of object: String) -> String {
        var copy = object
        return copy.withUTF8 { bytes in
            var scanner = JSONScanner(bytes)
            guard (try? scanner.beginObject()) != nil else { return "" }
            while let name = try? scanner.nextKey() {
                if name.string == key { return (try? scanner.numberOrString().string) ?? "" }
                guard (try? scanner.skipValue()) != nil else { return "" }
            }
            return ""
        }
    }

    /// The raw texts of an array's elements.
    static func elements(_ array: String) -> [String] {
        var copy = array
        return copy.withUTF8 { bytes in
            var scanner = JSONScanner(bytes)
            var elements: [String] = []
            guard (try? scanner.beginArray()) != nil else { return [] }
            while (try? scanner.nextElement()) == true {
                guard let value = try? scanner.value() else { break }
                elements.append(String(decoding: value.bytes, as: UTF8.self))
            }
            return elements
        }
    }
}
