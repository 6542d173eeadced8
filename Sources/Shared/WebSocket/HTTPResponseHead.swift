/// The status line and the headers of a response (RFC 9112 §4, §5), read strictly.
struct HTTPResponseHead {
    /// HTTP/1.x.
    let minorVersion: Int
    let status: Int
    let phrase: String
    /// Names in lower case, in the order in which they came; a name may come twice.
    let fields: [(name: String, value: String)]

    /// Lines without their line ends, the blank last line left off.
    init(lines: [ArraySlice<UInt8>]) throws(WebSocketHandshakeError) {
        guard let first = lines.first else { throw .statusLine }
        let line = Array(first)
        // "HTTP/1.1 101 Switching Protocols"; the blank before an empty phrase is often left out.
        guard line.count >= 12, line.starts(with: "HTTP/1.".utf8), let minor = HTTPText.digits(HTTPResponseHead.text(line[7..<8])),
            line[8] == 0x20, let status = HTTPText.digits(HTTPResponseHead.text(line[9..<12])), (100...599).contains(status),
            line.count == 12 || line[12] == 0x20, HTTPResponseHead.isText(line[...])
        else { throw .statusLine }
        minorVersion = Int(minor)
        self.status = Int(status)
        phrase = HTTPResponseHead.text(line.dropFirst(13))
        var fields: [(name: String, value: String)] = []
        for line in lines.dropFirst() { fields.append(try HTTPResponseHead.field(line)) }
        self.fields = fields
    }

    func values(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

    /// A line that begins with a blank would continue the one before (§5.2); a blank before the colon hides a name (§5.1).
    private static func field(_ line: ArraySlice<UInt8>) throws(WebSocketHandshakeError) -> (name: String, value: String) {
        if line.first == 0x20 || line.first == 0x09 { throw .foldedHeader }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), HTTPText.isToken(line[..<colon]), isText(line) else {
            throw .headerLine
        }
        return (text(line[..<colon]).lowercased(), text(HTTPText.trimmed(line[(colon + 1)...])))
    }

    private static func isText(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.allSatisfy { ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 }
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}
