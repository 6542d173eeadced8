/// How much may wait for a slow reader, in bytes.
public struct SlowReaderLimits: Sendable {
    /// More than this is a slow reader. The first books of some hundred instruments come as a burst of megabytes, and a reader of 100 MB/s
    /// takes this in 40 ms: it should not be called slow for it. At 1 MB/s it is 4 s old when it is read, and older it should not get.
    public var slowBytes = 4 << 20
    /// Less than this is a reader that has caught up: half of what a pipe of 1 MiB holds, so it has work while we write.
    public var caughtUpBytes = 512 << 10
    /// Books that were folded are written up to this at a time, so that their own weight does not make the reader slow again.
    public var burstBytes = 2 << 20
    /// Beyond this, lines of data that cannot be folded (trades, tickers, quotes) are left out.
    public var dataBytesMax = 64 << 20
    /// Beyond this, every line is left out. What lies between is for the rare and important: breaks, resolutions, new instruments.
    public var bytesMax = 80 << 20
    /// Once lines were left out, this is where it ends: far enough below for a long unbroken stretch.
    public var resumeBytes = 32 << 20

    public init() {}
}
