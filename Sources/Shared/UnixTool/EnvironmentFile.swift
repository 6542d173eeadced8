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

    /// `NAME=VALUE` lines, `#` comments, an optional `export`, one pair of quotes around a value taken off.
    ///
    /// The file may hold secrets, so only its owner may be able to read it.
    public static func read(_ path: String) throws(ToolFailure) -> [String: String] {
        try checkPrivate(path)
        guard let text = try TextFile.read(path) else {
            throw ToolFailure(.configuration, "\(path) does not exist; check --env-file")
        }
        var result: [String: String] = [:]
        // Not by characters: CR and LF are one of those.
        for (index, line) in text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = trim(line)
            if line.isEmpty || line.first == "#" { continue }
            guard let (name, value) = assignment(line) else {
                throw ToolFailure(.configuration, "\(path):\(index + 1): not NAME=VALUE")
            }
            result[name] = value
        }
        return result
    }

    private static func assignment(_ line: Substring.UnicodeScalarView) -> (name: String, value: String)? {
        let isExported = line.starts(with: "export ".unicodeScalars)
        let line = isExported ? trim(line.dropFirst(7)) : line
        guard let equals = line.firstIndex(of: "="), equals > line.startIndex else { return nil }
        var value = trim(line[line.index(after: equals)...])
        if let quote = value.first, quote == "\"" || quote == "'", value.count >= 2, value.last == quote {
            value = value.dropFirst().dropLast()
        }
        return (String(trim(line[..<equals])), String(value))
    }

    private static func trim(_ line: Substring.UnicodeScalarView) -> Substring.UnicodeScalarView {
        var rest = line.drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return rest
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" || scalar == "\r" }

    /// A file with secrets must not be readable by others.
    public static func checkPrivate(_ path: String) throws(ToolFailure) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw ToolFailure(.configuration, "cannot look at \(path): \(SystemError.text()); check the path")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw ToolFailure(.configuration, "\(path) can be read by others; chmod 600 \(path)")
        }
    }
}
