import FuzzSupport
import WebSocket

/// Any bytes into the frame decoder: the first says how large frames may be, the second where the rest is cut.
@main
struct FrameFuzz {
    static func main() {
        Fuzzer.run { bytes in
            guard bytes.count >= 2 else { return }
            let frameBytesMax = [100, 125, 300, 70_000][Int(bytes[0] & 3)]
            let messageBytesMax = [100, 200, 1000, 100_000][Int(bytes[0] >> 2 & 3)]
            let stream = UnsafeBufferPointer(rebasing: bytes[2...])
            let limits = (frame: frameBytesMax, message: messageBytesMax)
            let whole = Seen(limits, [stream])
            let cut = Seen(limits, Fuzzer.pieces(stream, seed: bytes[1]), isSparing: bytes[1] & 4 != 0)
            Fuzzer.expect(whole == cut, "cut otherwise, other events: \(whole) and \(cut)")
            let slow = SlowFrames(Array(stream), frameBytesMax: frameBytesMax, messageBytesMax: messageBytesMax)
            Fuzzer.expect(whole.events == slow.events, "the decoder gives \(whole.events), RFC 6455 \(slow.events)")
            Fuzzer.expect((whole.error == nil) == !slow.isBroken, "the decoder says \(whole.error as Any), RFC 6455 \(slow.isBroken)")
        }
    }
}
