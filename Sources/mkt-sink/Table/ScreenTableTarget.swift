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
        do { _ = try model.take(decoder, at: clock.lineSecond()) } catch { model.countFault() }
    }

    func skip(_ decoder: borrowing EventDecoder) {
        pacer.isNews = true
        _ = model.takeMalformed(decoder, at: clock.lineSecond())
    }

    func skip() {
        pacer.isNews = true
        model.takeMalformed(at: clock.lineSecond())
    }

    func take(_ line: UnsafeBufferPointer<UInt8>, _ row: borrowing EventRow) throws {}

    func commit() throws {}

    func pass(monotonicMicros: Int64) throws {
        clock.forget()
        // A terminal may have cut and wrapped what it shows, though it has the size again that it had.
        if Signals.takeResize() { try reopen() }
        if HeldLog.count != messageCount { pacer.isNews = true }
        guard screen.isHere() else {
            if monotonicMicros >= pacer.dueMicros { pacer.note(at: monotonicMicros) }
            return
        }
        if screen.isForgotten { pacer.isNews = true }
        let isDue = monotonicMicros >= pacer.dueMicros
        // What waits goes on as soon as there is room, whether or not a frame is due: the loop was woken for it.
        if try screen.isReady(), isDue { try draw(monotonicMicros) }
    }

    private func draw(_ monotonicMicros: Int64) throws {
        // A file has no clock before its first line.
        guard clock.isLive || model.lineCount > 0 else { return }
        size = WindowSize.of(STDOUT_FILENO)
        messageCount = HeldLog.count
        pacer.note(at: monotonicMicros)
        try screen.show(frame(monotonicMicros, isLast: false))
    }

    private func frame(_ monotonicMicros: Int64, isLast: Bool) -> Frame {
        let messages = messageCount > 0 ? HeldLog.latest(2) : []
        let moment = TableMoment(
            now: clock.now(model.latest), second: clock.second(model.latest), monotonicMicros: monotonicMicros,
            messages: isLast ? [] : messages, isLast: isLast)
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
        if model.faultCount > 0 { counters.add("table_faults", model.faultCount) }
    }
}
