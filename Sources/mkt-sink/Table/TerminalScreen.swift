import Glibc
import UnixTool

/// The screen of the terminal that standard output is: shows frames and gives the terminal back as it was.
///
/// It never waits for the terminal: while that has not taken all of a frame, others are left out.
final class TerminalScreen {
    /// How long the terminal may take to take the last bytes.
    private static let leaveMicros: Int64 = 1_000_000

    private let painter: Painter
    private var writer: LineWriter
    private let descriptor: Int32
    private let holdsLog: Bool
    private var shown: Frame?
    private var isUp = false
    private(set) var frameCount: Int64 = 0

    init(isColoured: Bool, descriptor: Int32 = STDOUT_FILENO) {
        painter = Painter(isColoured: isColoured)
        self.descriptor = descriptor
        writer = LineWriter(descriptor: descriptor, isQueued: true)
        holdsLog = BorrowedTerminal.isSame(descriptor, STDERR_FILENO)
    }

    /// Shows a frame; only for a screen that is ready.
    func show(_ frame: Frame) throws {
        if !isUp { take() }
        painter.paint(frame, over: shown, into: &writer.buffer)
        shown = frame
        frameCount += 1
        try writer.flush()
    }

    /// Whether a frame is wanted though nothing is new: what the screen shows is not known.
    var isForgotten: Bool { isUp && shown == nil }

    /// The whole of the next frame is drawn: something else has written on the screen.
    func forget() { shown = nil }

    private func take() {
        isUp = true
        BorrowedTerminal.take(descriptor)
        if holdsLog { HeldLog.hold() }
        writer.buffer.append(BorrowedTerminal.enterBytes)
    }

    /// Whether the terminal is there to be drawn on: not while the job is in the background, where others have it. Takes it again if it was
    /// given back.
    func isHere() -> Bool {
        guard BorrowedTerminal.isForeground(descriptor) else {
            shown = nil
            return false
        }
        if isUp, BorrowedTerminal.takeAgain() { shown = nil }
        return true
    }

    /// Hands on what waits; whether nothing waits any more.
    func isReady() throws -> Bool {
        if writer.pendingCount > 0 { try writer.flush() }
        return writer.pendingCount == 0
    }

    /// What a loop waits for beside its input.
    var waits: [pollfd] {
        var polls: [pollfd] = []
        if writer.pendingCount > 0, BorrowedTerminal.isForeground(descriptor) { writer.appendPoll(&polls) }
        return polls
    }

    /// Gives the terminal back, with a frame as plain lines on it; without one if others have it.
    func leave(_ last: Frame?) throws {
        guard isUp else { return }
        let isHere = isHere()
        isUp = false
        defer {
            BorrowedTerminal.giveBack()
            HeldLog.release()
        }
        guard isHere else { return }
        writer.buffer.append(BorrowedTerminal.leaveBytes)
        if let last { painter.print(last, into: &writer.buffer) }
        // What a terminal does not take is lost: there is nowhere to say so.
        _ = try writer.flush(untilMonotonicMicros: Clock.monotonicMicros() + TerminalScreen.leaveMicros)
    }
}
