internal import CFuzzer
internal import Glibc

/// libFuzzer around one subject.
public enum Fuzzer {
    nonisolated(unsafe) private static var subject: (UnsafeBufferPointer<UInt8>) -> Void = { _ in }

    /// Gives the subject bytes for as long as the arguments say; a crash or a broken promise is a finding.
    ///
    /// The bytes lie in memory of exactly their length, so the address sanitizer sees a read beyond them.
    public static func run(_ subject: @escaping (UnsafeBufferPointer<UInt8>) -> Void) -> Never {
        Fuzzer.subject = subject
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        let status = LLVMFuzzerRunDriver(&count, &arguments) { bytes, count in
            Fuzzer.subject(UnsafeBufferPointer(start: bytes, count: count))
            return 0
        }
        exit(status)
    }

    /// Makes a broken promise a crash, which libFuzzer keeps the bytes of.
    public static func expect(_ isKept: Bool, _ promise: @autoclosure () -> String) {
        if !isKept { fatalError(promise()) }
    }

    /// Pieces of `bytes`, cut at places that follow from `seed`.
    public static func pieces(_ bytes: UnsafeBufferPointer<UInt8>, seed: UInt8) -> [UnsafeBufferPointer<UInt8>] {
        var state = UInt32(seed) &* 2_654_435_761 | 1
        var pieces: [UnsafeBufferPointer<UInt8>] = []
        var at = 0
        while at < bytes.count {
            state = state &* 1_664_525 &+ 1_013_904_223
            let sizeMax: UInt32 = [1, 3, 17, 300][Int(seed & 3)]
            let size = min(1 + Int(state >> 16 % sizeMax), bytes.count - at)
            pieces.append(UnsafeBufferPointer(rebasing: bytes[at..<at + size]))
            at += size
        }
        return pieces
    }
}
