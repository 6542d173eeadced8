import Glibc

/// The environment of the process, with the lines of `--env-file` under it.
public enum EnvironmentFile {
    /// Every variable of the process.
    public static func process() -> [String: String] {
        var result: [String: String] = [:]
        var entry = environ
        while let variable = entry.pointee {
            let text = String(cString: variable)
            if let equals = text.firstIndex(of: "=") {
                result[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            entry += 1
        }
        return result
    }

    /// `NAME=VALUE` lines, `#` comments, an optional `export`, quotes around a value taken off.
    ///
    /// The file may hold secrets, so only its owner may be able to read it.
    public static func read(_ path: String) throws(ToolFailure) -> [String: String] {
        guard let text = try TextFile.read(path) else {
            throw ToolFailure(.configuration, "--env-file \(path) does not exist; check the path")
        }
        try checkPrivate(path)
        var result: [String: String] = [:]
        for (index, raw) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            var line = trim(raw)
            if line.isEmpty || line.first == "#" { continue }
            if line.hasPrefix("export ") { line = trim(line.dropFirst(7)) }
            guard let equals = line.firstIndex(of: "="), equals > line.startIndex else {
                throw ToolFailure(.configuration, "\(path):\(index + 1): not NAME=VALUE")
            }
            var value = trim(line[line.index(after: equals)...])
            for quote in ["\"", "'"] where value.count >= 2 && value.hasPrefix(quote) && value.hasSuffix(quote) {
                value = value.dropFirst().dropLast()
            }
            result[String(trim(line[..<equals]))] = String(value)
        }
        return result
    }

    /// A file with secrets must not be readable by others.
    public static func checkPrivate(_ path: String) throws(ToolFailure) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw ToolFailure(.configuration, "cannot look at \(path): \(SystemError.text())")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw ToolFailure(.configuration, "\(path) can be read by others; chmod 600 \(path)")
        }
    }

    private static func trim(_ text: Substring) -> Substring {
        let blanks: Set<Character> = [" ", "\t", "\r"]
        return text.drop { blanks.contains($0) }.reversed().drop { blanks.contains($0) }.reversed().reduce(into: "") {
            $0.append($1)
        }[...]
    }
}
