/// Why a text is no key that can sign; the description is one line that says what to do, and holds nothing of the text.
public enum SigningKeyError: Error, Equatable, Sendable, CustomStringConvertible {
    /// There is no PEM block.
    case notPEM
    /// A PEM block with another thing inside, by its label.
    case publicKey
    case certificate
    /// The key is locked with a passphrase.
    case encrypted
    /// A private key of a kind that no venue takes, by its name.
    case unsupported(String)
    /// An RSA key of fewer than 2048 bits.
    case tooShort(bits: Int)
    /// The block cannot be read, or its numbers do not belong together.
    case damaged
    /// OpenSSL refused to sign, in its own words.
    case refused(String)

    public var description: String {
        switch self {
        case .notPEM:
            "not a private key: no line -----BEGIN PRIVATE KEY----- was found; give the PEM text that the venue's site let you download"
        case .publicKey:
            "this is a public key; give the private key that belongs to it (-----BEGIN PRIVATE KEY----- or RSA PRIVATE KEY)"
        case .certificate:
            "this is a certificate; give a private key (-----BEGIN PRIVATE KEY----- or RSA PRIVATE KEY)"
        case .encrypted:
            "the private key is locked with a passphrase; unlock it with: openssl pkey -in LOCKED.pem -out KEY.pem"
        case .unsupported(let name):
            "a private key of kind \(name) cannot sign here; give an RSA key (2048 bits or more) or an Ed25519 key in PEM"
        case .tooShort(let bits):
            "an RSA key of \(bits) bits is too short; make one of at least 2048 bits and register it with the venue"
        case .damaged:
            "the private key is damaged or cut; copy the whole PEM text again, from BEGIN to END"
        case .refused(let reason):
            "the private key cannot sign (\(reason)); make a new key and register it with the venue"
        }
    }
}
