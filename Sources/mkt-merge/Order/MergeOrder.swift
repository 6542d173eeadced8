/// Decides whose line goes next: a k-way merge of heads, and how long a head waits for an older line of a slower input.
///
/// It holds no lines, does no I/O and reads no clock: an input is a number (its place among the arguments), a line its `recv_us` and
/// the time it arrived, in microseconds of any clock that only grows. Lines go by `recv_us`, those of one time by input. A line that is
/// older than one before it from the same input goes where that one went: right behind it, never dropped, never held for ever.
///
/// An input without a line is in one of these states, and they are all there is to the rule of `--window`:
///
/// | state | others' lines |
/// |---|---|
/// | `unseen`: nobody looked yet, or not since its last line went | wait until somebody looks (`Step.look`), which takes no time |
/// | `silent`: there was nothing when somebody looked | wait until one of them was held for the window |
/// | `detached`: a followed FIFO that no writer has open | do not wait: nothing can be under way |
/// | `ended` | do not wait |
///
/// A FIFO that no writer has opened yet is silent: its first lines may be about to come. So one live input alone never waits, and none
/// waits longer than the window. Lines of recorded inputs are there from the start: they wait for live ones at most until the window
/// after it is over.
struct MergeOrder {
    enum Kind {
        case recorded, live
    }

    enum Step: Equatable {
        /// The head of this input goes. Before the next step, tell what comes behind it: `arrive`, `rest`, `detach` or `end`.
        case take(Int)
        /// Look at every input that has no line, then ask again.
        case look
        /// Nothing goes before this time, or, if nil, before something arrives.
        case hold(untilMicros: Int64?)
        /// Every input has ended.
        case done
    }

    private enum State {
        case unseen, silent, detached, ready, ended
    }

    private struct Input {
        let kind: Kind
        var state = State.unseen
        /// The largest `recv_us` so far.
        var newest = Int64.min
        /// When its head arrived.
        var arrived: Int64 = 0
    }

    private var inputs: [Input]
    private var heads: HeadHeap
    private let startMicros: Int64
    private let windowMicros: Int64
    private var unseenCount: Int
    private var silentCount = 0
    private var openCount: Int
    /// Lines that were older than one before them from the same input.
    private(set) var outOfOrderCount: Int64 = 0

    init(_ kinds: [Kind], windowMicros: Int64, startMicros: Int64) {
        inputs = kinds.map { Input(kind: $0) }
        heads = HeadHeap(capacity: kinds.count)
        self.windowMicros = windowMicros
        self.startMicros = startMicros
        unseenCount = kinds.count
        openCount = kinds.count
    }

    // MARK: What happens to an input

    /// Its next line is there.
    @inline(__always)
    mutating func arrive(_ input: Int, received: Int64, arrivedMicros: Int64) {
        if received < inputs[input].newest {
            outOfOrderCount += 1
        } else {
            inputs[input].newest = received
        }
        inputs[input].arrived = arrivedMicros
        let head = HeadHeap.Head(received: inputs[input].newest, input: input)
        if inputs[input].state == .ready {
            heads.replaceFirst(head)
        } else {
            change(input, to: .ready)
            heads.insert(head)
        }
    }

    /// Its lines have all gone, and nobody has looked for more.
    mutating func rest(_ input: Int) { leave(input, for: .unseen) }

    /// Somebody looked, and there was no whole line.
    mutating func findSilent(_ input: Int) { leave(input, for: .silent) }

    /// Somebody looked and there was nothing to read; one that is known to have no writer, or whose line waits, stays as it is.
    mutating func findNothing(_ input: Int) {
        if inputs[input].state == .unseen { change(input, to: .silent) }
    }

    /// Its last writer has gone away and another may come, whose clock may be another.
    mutating func detach(_ input: Int) {
        leave(input, for: .detached)
        inputs[input].newest = .min
    }

    mutating func end(_ input: Int) { leave(input, for: .ended) }

    private mutating func leave(_ input: Int, for state: State) {
        if inputs[input].state == .ready { heads.remove(input) }
        change(input, to: state)
    }

    private mutating func change(_ input: Int, to state: State) {
        switch inputs[input].state {
        case .unseen: unseenCount -= 1
        case .silent: silentCount -= 1
        default: break
        }
        switch state {
        case .unseen: unseenCount += 1
        case .silent: silentCount += 1
        case .ended where inputs[input].state != .ended: openCount -= 1
        default: break
        }
        inputs[input].state = state
    }

    // MARK: What to do

    /// What to do at `nowMicros`, the time of the last look.
    @inline(__always)
    func next(nowMicros: Int64) -> Step {
        if unseenCount > 0 { return .look }
        guard let first = heads.first else { return openCount > 0 ? .hold(untilMicros: nil) : .done }
        if silentCount == 0 { return .take(first.input) }
        let deadline = deadline(of: first.input)
        return nowMicros >= deadline ? .take(first.input) : .hold(untilMicros: deadline)
    }

    /// When the first head goes whatever the silent inputs do.
    ///
    /// Live heads behind it count too: it must be gone before the longest held of them.
    private func deadline(of first: Int) -> Int64 {
        var oldest = startMicros
        if inputs[first].kind == .live {
            oldest = .max
            for input in inputs where input.state == .ready && input.kind == .live { oldest = min(oldest, input.arrived) }
        }
        let (deadline, overflow) = oldest.addingReportingOverflow(windowMicros)
        return overflow ? .max : deadline
    }

    /// Whether somebody looked and it had nothing: all that it had brought by then has gone.
    func isQuiet(_ input: Int) -> Bool {
        switch inputs[input].state {
        case .silent, .detached, .ended: true
        case .unseen, .ready: false
        }
    }

    /// Whether the input has no line and might get one.
    func isWaited(_ input: Int) -> Bool {
        switch inputs[input].state {
        case .unseen, .silent, .detached: true
        case .ready, .ended: false
        }
    }
}
