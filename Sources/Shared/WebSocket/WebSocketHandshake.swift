internal import Glibc
public import JSON

/// The opening handshake of a client: writes the request, reads the answer in whatever pieces it comes (RFC 6455 §4.1).
///
/// Interim responses (1xx other than 101) are passed over. Bytes behind the header are kept: see `rest`.
public struct WebSocketHandshake: ~Copyable {
    private enum Awaited {
        case lineEnd
        /// The answer is known; all further bytes are its body or frames.
        case nothing(WebSocketAnswer)
        case nothingAfter(WebSocketHandshakeError)
    }

    private let key: WebSocketKey
    private let headBytesMax: Int
    private var awaited = Awaited.lineEnd
    private var input: ByteBuffer
    /// Where the lines of the response begin, and where each ends at its CR.
    private var lineStarts = [0]
    /// Bytes in which line ends were looked for.
    private var searched = 0
    /// The server's clock in the answer's `Date` header, microseconds since 1970; nil before the answer, or if it has none that can be read.
    public private(set) var dateMicros: Int64?

    /// A handshake with 16 unpredictable bytes, new for each connection; a header beyond the limit is refused.
    public init(random: [UInt8], headBytesMax: Int = 64 << 10) {
        key = WebSocketKey(random: random)
        self.headBytesMax = headBytesMax
        input = ByteBuffer()
    }

    /// The bytes to send first.
    public func appendRequest(_ request: WebSocketRequest, to output: inout ByteBuffer) {
        output.append(utf8: request.text(key: key.key))
    }

    /// Brings more bytes of the answer.
    public mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) { input.append(bytes) }

    /// Where the body or the first frame begins in all the bytes brought, or nil if the answer is not there yet.
    public var bodyOffset: Int? {
        if case .nothing = awaited { searched } else { nil }
    }

    /// What came behind the header, for the frame decoder or as the body; valid until more is brought.
    public var rest: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: input.bytes[(bodyOffset ?? input.count)...]) }

    /// The answer, or nil if more bytes are needed. An answer or an error comes again at every later call.
    public mutating func next() throws(WebSocketHandshakeError) -> WebSocketAnswer? {
        do throws(WebSocketHandshakeError) {
            return try step()
        } catch {
            awaited = .nothingAfter(error)
            throw error
        }
    }

    private mutating func step() throws(WebSocketHandshakeError) -> WebSocketAnswer? {
        switch awaited {
        case .nothing(let answer): return answer
        case .nothingAfter(let error): throw error
        case .lineEnd: break
        }
        try checkBeginning()
        while let end = try lineEnd() {
            let isBlank = end == lineStarts[lineStarts.count - 1]
            lineStarts.append(end + 2)
            searched = end + 2
            guard isBlank else { continue }
            let head = try HTTPResponseHead(lines: lines())
            if (100...199).contains(head.status), head.status != 101 {
                lineStarts = [searched]
                try checkBeginning()
                continue
            }
            dateMicros = head.values("date").first.flatMap(HTTPDate.micros(fixdate:))
            let answer: WebSocketAnswer = head.status == 101 ? try accepted(head) : .refused(try WebSocketRefusal(head))
            awaited = .nothing(answer)
            return answer
        }
        return nil
    }

    /// What is not HTTP at all is refused at once, not after 64 KiB or a time-out.
    private func checkBeginning() throws(WebSocketHandshakeError) {
        let known = input.bytes[lineStarts[0]...].prefix(7)
        guard "HTTP/1.".utf8.starts(with: known) else { throw .statusLine }
    }

    /// The CR at which the next line ends, or nil if it has not come.
    private mutating func lineEnd() throws(WebSocketHandshakeError) -> Int? {
        let limit = min(input.count, headBytesMax)
        while searched < limit {
            let bytes = input.bytes
            guard let found = memchr(bytes.baseAddress! + searched, Int32(UInt8(ascii: "\n")), limit - searched) else {
                searched = limit
                break
            }
            let at = UnsafePointer(found.assumingMemoryBound(to: UInt8.self)) - bytes.baseAddress!
            guard at > lineStarts[lineStarts.count - 1], bytes[at - 1] == UInt8(ascii: "\r") else { throw .lineEnd }
            return at - 1
        }
        guard input.count <= headBytesMax else { throw .headTooLong }
        return nil
    }

    private func lines() throws(WebSocketHandshakeError) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        for (start, next) in zip(lineStarts, lineStarts.dropFirst()) {
            lines.append(Array(input.bytes[start..<next - 2])[...])
            if lines[lines.count - 1].contains(UInt8(ascii: "\r")) { throw .lineEnd }
        }
        return lines.dropLast()
    }

    private func accepted(_ head: HTTPResponseHead) throws(WebSocketHandshakeError) -> WebSocketAnswer {
        guard head.minorVersion >= 1 else { throw .statusLine }
        let upgrades = head.values("upgrade")
        guard upgrades.count == 1, upgrades[0].lowercased() == "websocket" else { throw .upgrade }
        guard head.values("connection").flatMap(HTTPText.list).contains("upgrade") else { throw .connection }
        guard head.values("sec-websocket-accept") == [key.accept] else { throw .accept }
        guard head.values("sec-websocket-extensions").allSatisfy(\.isEmpty) else { throw .unaskedExtension }
        guard head.values("sec-websocket-protocol").allSatisfy(\.isEmpty) else { throw .unaskedSubprotocol }
        return .accepted
    }
}
