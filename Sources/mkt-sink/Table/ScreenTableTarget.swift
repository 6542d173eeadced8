import Glibc
import MarketModel
import UnixTool

/// `table` on a terminal: a screen that is drawn again as lines come.
final class ScreenTableTarget: EventFollower {
    private var model = TableModel()
    private var layout = TableLayout()
    private var pacer = FramePacer()
    private var clock: LineClock
    private let screen: TerminalScreen
    private var size = WindowSize.of(STDOUT_FILENO)
    private var messageCount = 0

    init(isLive: Bool, isColoured: Bool) {
        clock = LineClock(isLive: isLive)
        screen = TerminalScreen(isColoured: isColoured)
    }

    func follow(_ decoder: borrowing EventDecoder) throws {
        pacer.isNews = true
        // The row has been made of it, so little can be wrong with it; and that is no reason to end.
        _ = try? model.take(decoder, at: clock.lineSecond())
    }

    func skip() {
        pacer.isNews = true
        model.takeMalformed(at: clock.lineSecond())
    }

    func take(_ line: UnsafeBufferPointer<UInt8>, _ row: borrowing EventRow) throws {}

    func commit() throws {}

    func pass(monotonicMicros: Int64) throws {
        clock.forget()
        if Signals.takeResize() { pacer.isNews = true }
        if BorrowedTerminal.takeContinued() { try reopen() }
        if HeldLog.count != messageCount { pacer.isNews = true }
        if monotonicMicros >= pacer.dueMicros { try draw(monotonicMicros) }
    }

    private func draw(_ monotonicMicros: Int64) throws {
        // A file has no clock before its first line.
        guard clock.isLive || model.lineCount > 0, try screen.isReady() else { return }
        size = WindowSize.of(STDOUT_FILENO)
        messageCount = HeldLog.count
        pacer.note(at: monotonicMicros)
        try screen.show(frame(monotonicMicros, isLast: false))
    }

    private func frame(_ monotonicMicros: Int64, isLast: Bool) -> Frame {
        let messages = messageCount > 0 ? HeldLog.latest(2) : []
        let moment = TableMoment(
            now: clock.now(model.latest), monotonicMicros: monotonicMicros, messages: isLast ? [] : messages, isLast: isLast)
        return layout.frame(model, size, moment)
    }

    var deadlineMicros: Int64? { screen.waits.isEmpty ? pacer.dueMicros : nil }

    var waits: [pollfd] { screen.waits }

    /// Whoever sends SIGHUP wants a fresh screen.
    func reopen() throws {
        screen.forget()
        pacer.isNews = true
    }

    func end() throws {
        let last = frame(Clock.monotonicMicros(), isLast: true)
        try screen.leave(last)
    }

    func count(in counters: inout Counters) {
        counters.add("table_frames", screen.frameCount)
    }
}
