internal import CMalloc

/// Memory for what is large and rare.
public enum LargeMemory {
    /// From now on what was large and is free goes back to the system: a process that runs for months must not keep what one message of
    /// many megabytes needed. Small pieces stay as fast as they were.
    public static func giveBack() { mkt_give_back_large_memory() }
}
