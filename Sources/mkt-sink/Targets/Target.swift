import Glibc
import MarketModel
import UnixTool

/// Where lines go. A line has been checked before a target sees it, and was decoded once for all of them.
///
/// A target may hold lines back until `commit`. What it throws ends the run; then it has either kept all of its batch or nothing.
protocol Target: AnyObject {
    /// Takes a line (without its newline) and the row that stands for it.
    func take(_ line: UnsafeBufferPointer<UInt8>, _ row: borrowing EventRow) throws
    /// Takes a line of a type that this version does not know.
    func takeUnknown(_ line: UnsafeBufferPointer<UInt8>, feed: UnsafeBufferPointer<UInt8>?, at received: Timestamp) throws
    /// The batch is over: what was taken is kept from now on.
    func commit() throws
    /// Another target has failed: what was taken is kept if that can be done at once.
    func settle()
    /// Nothing waits to be read.
    func idle() throws
    /// Some time has passed while lines keep coming.
    func pass(monotonicMicros: Int64) throws
    /// A status line of this stage is due.
    func tell(_ state: StaticString, _ counters: Counters, at time: Timestamp) throws
    /// SIGHUP came.
    func reopen() throws
    /// The run was asked to end: `end` must not take longer than until then.
    func hurry(untilMicros: Int64)
    /// The run is over, however it came to that: nothing follows.
    func end() throws
    /// Adds what the target did.
    func count(in counters: inout Counters)
    /// The monotonic time at which `pass` must be called at the latest; nil for whenever.
    var deadlineMicros: Int64? { get }
    /// What `pass` must be called for beside the time.
    var waits: [pollfd] { get }
}

/// Most targets only keep lines.
extension Target {
    func takeUnknown(_ line: UnsafeBufferPointer<UInt8>, feed: UnsafeBufferPointer<UInt8>?, at received: Timestamp) throws {}
    func idle() throws {}
    func pass(monotonicMicros: Int64) throws {}
    func tell(_ state: StaticString, _ counters: Counters, at time: Timestamp) throws {}
    func reopen() throws {}
    func hurry(untilMicros: Int64) {}
    func end() throws {}
    func settle() { try? commit() }
    var deadlineMicros: Int64? { nil }
    var waits: [pollfd] { [] }
}
