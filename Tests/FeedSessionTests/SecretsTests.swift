import JSON
import TestSupport
import Testing

@testable import FeedSession

/// No spelling of a secret gets through, and nothing else is touched.
@Suite struct SecretsTests {
    private static let key = "0a1b2c3d-feed-4bad-9cab-5ec4e7000001"
    private static let word = "c2Vj/mV0+WXRoYXQtbm9ib2R5=="
    private static let standIn = "sha256:0123456789abcdef0123456789abc"

    private static let pairs = [(key, standIn), (word, String(repeating: "*", count: 27))]

    private let secrets = Secrets([(key, standIn), Secrets.stars(word)])

    /// The text as it comes out, and whether it is the one that went in.
    private func mask(_ text: String) -> (text: String, isSame: Bool) {
        var text = text
        var buffer = ByteBuffer()
        return text.withUTF8 { bytes in
            let masked = secrets.mask(JSONText(bytes), &buffer)
            return (String(decoding: masked.bytes, as: UTF8.self), masked.base == bytes.baseAddress)
        }
    }

    @Test func secret_isReplacedByItsStandIn_whereverItStands() {
        let (key, standIn) = (SecretsTests.key, SecretsTests.standIn)
        let found = mask(#"{"owner":"\#(key)","\#(key)":["\#(SecretsTests.word)\#(key)\#(key)"]}"#)
        #expect(found.text == #"{"owner":"\#(standIn)","\#(standIn)":["***************************\#(standIn)\#(standIn)"]}"#)
        #expect(mask(key).text == standIn)
    }

    @Test(arguments: [
        "", "PONG", #"{"owner":"99999999-8888-7777-6666-555555555555","n":"\u0030\\\n"}"#, #"\\\\"#, "\\", #"\u00"#, "0a1b2c",
    ])
    func textWithoutSecrets_isTheSameBytes_notACopy(text: String) {
        #expect(mask(text) == (text, true))
    }

    @Test func secretsThatAreNone_costNothing_andMaskNothing() {
        var buffer = ByteBuffer(capacity: 0)
        var text = SecretsTests.key
        text.withUTF8 { bytes in
            #expect(Secrets.none.mask(JSONText(bytes), &buffer).base == bytes.baseAddress)
        }
        #expect(Secrets.none.isEmpty && Secrets.none.mask(SecretsTests.key) == SecretsTests.key)
    }

    @Test func secretAllTooShort_isNotMasked_forItMayStandInDataByChance() {
        let most = "CANCELLATION456"
        #expect(most.utf8.count == Secrets.bytesMin - 1)
        #expect(Secrets([Secrets.stars("BUY"), Secrets.stars(most)]).isEmpty)
        #expect(Secrets([Secrets.stars(most + "7")]).mask("a \(most)7") == "a ****************")
    }

    @Test func oneThatBeginsAnother_leavesNothingOfTheLongerOne() {
        let short = String(SecretsTests.word.prefix(20))
        let both = Secrets([(short, String(repeating: "-", count: 20)), Secrets.stars(SecretsTests.word)])
        #expect(both.mask("\(SecretsTests.word) \(short)") == "\(String(repeating: "*", count: 27)) \(String(repeating: "-", count: 20))")
    }

    @Test(arguments: [8, 9, 26]) func whatALengthLimitLeft_isMasked(count: Int) {
        #expect(mask("refused: \(SecretsTests.word.prefix(count))").text == "refused: " + String(repeating: "*", count: count))
        #expect(mask("refused: \(SecretsTests.word.prefix(count)) ").isSame, "it goes on with something else")
        #expect(mask("refused: \(SecretsTests.word.prefix(7))").isSame, "seven letters may be anything")
    }

    @Test func backslashesWithoutEnd_takeNoMoreThanALook() {
        let text = String(repeating: "0" + String(repeating: "\\", count: 1 << 20), count: 4)
        let (isSame, found) = (mask(text).isSame, mask(text + SecretsTests.key).text.utf8.suffix(37))
        #expect(isSame && Array(found) == Array("0\(SecretsTests.standIn)".utf8))
    }

    /// One character as JSON, or JSON in JSON, or somebody with capitals may write it.
    private static func spelled(_ byte: UInt8, _ chance: inout SeededGenerator) -> String {
        let letter = Character(Unicode.Scalar(byte))
        let hex = String(byte, radix: 16)
        switch chance.below(6) {
        case 0: return (chance.chance(2) ? #"\u00"# : #"\\u00"#) + hex
        case 1: return #"\u00"# + hex.uppercased()
        case 2: return letter == "/" ? #"\/"# : letter.uppercased()
        default: return String(letter)
        }
    }

    @Test(arguments: 0..<50) func everySpelling_isFound_andWhatIsAroundItStays(seed: Int) throws {
        var chance = SeededGenerator(seed: UInt64(seed))
        let around = [#"{"owner":""#, #"","n":1,"text":"\n0a1b2c3d-feed-4bad \" \\"#, "é€😀", #""}"#, " ", "0a1b2c3d", "c2Vjc2Vj"]
        for _ in 0..<200 {
            var (sent, wanted) = ("", "")
            for _ in 0..<chance.below(4) {
                let (secret, standIn) = chance.pick(SecretsTests.pairs)
                let place = chance.pick(around)
                // A backslash right before it would be taken for the escape of its first letter.
                let gap = place.hasSuffix("\\") ? "." : ""
                sent += place + gap + secret.utf8.map { SecretsTests.spelled($0, &chance) }.joined()
                wanted += place + gap + standIn
            }
            // What follows ends a text that looks like the beginning of a secret.
            #expect(mask(sent + "}").text == wanted + "}")
        }
    }

    @Test func jsonStaysJSON_thoughABackslashIsInFront() throws {
        for front in [#"\\"#, #"\n"#, #"\f"#, #"\\\\"#, #"\""#] {
            // `\f` and `eed…` are no key, but its bytes stand there.
            for secret in [SecretsTests.key, "feed" + String(repeating: "x", count: 20)] {
                let secrets = Secrets([Secrets.stars(secret), Secrets.stars("n" + secret)])
                let masked = secrets.mask(#"{"a":"\#(front)\#(secret)"}"#)
                #expect(!masked.contains(secret))
                var text = masked
                try text.withUTF8 { bytes in
                    var scanner = JSONScanner(bytes)
                    try scanner.skipValue()
                    try scanner.finish()
                }
            }
        }
    }

    @Test func wordsOfASocketsEnd_areMasked_theRestOfItStays() {
        let trouble = SocketTrouble(.busy, "HTTP 429: slow down, \(SecretsTests.key)", code: 1013, retryAfterMicros: 7)
        #expect(
            trouble.masked(by: secrets)
                == SocketTrouble(.busy, "HTTP 429: slow down, \(SecretsTests.standIn)", code: 1013, retryAfterMicros: 7))
        #expect(trouble.masked(by: .none) == trouble)
    }
}
