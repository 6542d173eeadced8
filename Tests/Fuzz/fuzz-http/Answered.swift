import FuzzSupport
import WebSocket

@testable import WebSocketClient

/// What a handshake made of the bytes, and what it kept.
struct Answered: Equatable {
    /// The accept key for sixteen zero bytes, computed with OpenSSL's program.
    private static let accept = "ICX+Yqv66kxgM0FcWaLWlFLwTAI="
    private static let headBytesMax = 1000

    private var answer: WebSocketAnswer?
    private var error: WebSocketHandshakeError?
    private var rest: [UInt8] = []
    private var bodyOffset: Int?

    init(_ pieces: [UnsafeBufferPointer<UInt8>]) {
        var handshake = WebSocketHandshake(random: [UInt8](repeating: 0, count: 16), headBytesMax: Answered.headBytesMax)
        do throws(WebSocketHandshakeError) {
            for piece in pieces {
                handshake.append(piece)
                answer = try handshake.next()
            }
        } catch {
            self.error = error
            answer = nil
        }
        rest = Array(handshake.rest)
        bodyOffset = handshake.bodyOffset
    }

    /// What must hold of any answer.
    func check(against bytes: UnsafeBufferPointer<UInt8>) {
        guard let answer else {
            Fuzzer.expect(error != nil || bodyOffset == nil, "a body without an answer")
            return
        }
        guard let bodyOffset, bodyOffset <= min(bytes.count, Answered.headBytesMax) else { fatalError("no place for the body") }
        Fuzzer.expect(rest.elementsEqual(bytes[bodyOffset...]), "the rest is not what came behind the head")
        let head = bytes[..<bodyOffset]
        Fuzzer.expect(Array(head.suffix(4)) == Array("\r\n\r\n".utf8), "the head ends without a blank line")
        let text = String(decoding: head, as: UTF8.self)
        switch answer {
        case .accepted:
            Fuzzer.expect(text.contains(" 101") && text.contains(Answered.accept), "accepted without the key")
        case .refused(let refusal):
            Fuzzer.expect((200...599).contains(refusal.status) && text.contains(String(refusal.status)), "status \(refusal.status)")
            if case .bytes(let count) = refusal.body { Fuzzer.expect(count >= 0, "a body of \(count) bytes") }
            if case .seconds(let seconds) = refusal.retryAfter { Fuzzer.expect(seconds >= 0, "again after \(seconds) s") }
            checkBody(refusal.body)
            Fuzzer.expect(refusal.location == nil || (300...399).contains(refusal.status), "a place to go without being sent")
        }
    }

    /// However it is cut, the body says the same, in one line that cannot steer a terminal.
    private func checkBody(_ length: WebSocketRefusal.Body) {
        var whole = RefusalBody(length)
        rest.withUnsafeBufferPointer { whole.append($0) }
        var dripped = RefusalBody(length)
        for index in rest.indices.prefix(300) {
            let wasComplete = dripped.isComplete
            rest[index...index].withUnsafeBufferPointer { dripped.append($0) }
            Fuzzer.expect(dripped.isComplete || !wasComplete, "a body that was complete is not any more")
        }
        if rest.count <= 300 {
            Fuzzer.expect(
                dripped.text == whole.text && dripped.isComplete == whole.isComplete, "another body: \(dripped.text), \(whole.text)")
        }
        Fuzzer.expect(
            whole.text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } && whole.text.utf8.count <= 500, "a body that is no line: \(whole.text)")
    }
}
