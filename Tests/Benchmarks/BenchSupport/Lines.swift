public import JSON

/// Texts one behind the other in one piece of memory, as a reader's buffer has them.
public final class Lines {
    private var buffer: ByteBuffer
    private var starts = [0]

    public init(capacity: Int = 1 << 16) { buffer = ByteBuffer(capacity: capacity) }

    public var count: Int { starts.count - 1 }

    public var byteCount: Int { buffer.count }

    /// Puts what `write` appends behind the others; a newline at its end is left out.
    public func append(_ write: (inout ByteBuffer) -> Void) {
        write(&buffer)
        if buffer.bytes.last == UInt8(ascii: "\n") { buffer.truncate(to: buffer.count - 1) }
        starts.append(buffer.count)
    }

    /// Puts a text behind the others.
    public func append(_ line: UnsafeBufferPointer<UInt8>) {
        buffer.append(line)
        starts.append(buffer.count)
    }

    /// The lines as views, made once: the loop that is measured shall not count the making. They end with the next change.
    public var views: [UnsafeBufferPointer<UInt8>] {
        let whole = buffer.bytes
        return (0..<count).map { UnsafeBufferPointer(rebasing: whole[starts[$0]..<starts[$0 + 1]]) }
    }
}
