import FuzzSupport
import JSON
import TestSupport

/// Any bytes as JSON: every way through a text must agree with every other, and with a slow reader of RFC 8259.
@main
struct JSONFuzz {
    static func main() {
        Fuzzer.run { bytes in
            let skipFault = fault { scanner throws(JSONError) in try scanner.skipValue() }
            let isGood = skipFault(bytes) == nil
            Fuzzer.expect(isGood == SlowJSON.accepts(Array(bytes)), "RFC 8259 disagrees: \(skipFault(bytes) as Any)")
            let valueFault = fault { scanner throws(JSONError) in _ = try scanner.value() }(bytes)
            Fuzzer.expect(valueFault == skipFault(bytes), "value and skipValue differ")
            let pullFault = fault { scanner throws(JSONError) in try Pull.value(&scanner) }(bytes)
            Fuzzer.expect((pullFault == nil) == isGood, "pulling says \(pullFault as Any), skipping \(skipFault(bytes) as Any)")
            Fuzzer.expect((pullFault?.offset ?? 0) <= bytes.count, "a fault behind the end")
            Decimals.check(JSONText(base: bytes.baseAddress!, count: bytes.count))
        }
    }

    /// How a walk over the one value of a text ends.
    private static func fault(
        _ walk: @escaping (inout JSONScanner) throws(JSONError) -> Void
    ) -> (UnsafeBufferPointer<UInt8>) -> JSONError? {
        { bytes in
            var scanner = JSONScanner(bytes)
            do throws(JSONError) {
                try walk(&scanner)
                try scanner.finish()
                return nil
            } catch {
                return error
            }
        }
    }
}
