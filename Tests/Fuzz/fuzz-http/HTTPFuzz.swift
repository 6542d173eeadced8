import FuzzSupport
import WebSocket

/// Any bytes as a server's answer to the opening handshake: the first says where the rest is cut.
@main
struct HTTPFuzz {
    static func main() {
        Fuzzer.run { bytes in
            guard let seed = bytes.first else { return }
            let answer = UnsafeBufferPointer(rebasing: bytes[1...])
            let whole = Answered([answer])
            let cut = Answered(Fuzzer.pieces(answer, seed: seed))
            Fuzzer.expect(whole == cut, "cut otherwise, another answer: \(whole) and \(cut)")
            whole.check(against: answer)
        }
    }
}
