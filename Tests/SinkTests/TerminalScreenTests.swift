import Glibc
import MarketModel
import Testing
import UnixTool

@testable import mkt_sink

/// Each in a process of its own: a screen that is up changes what signals do.
@Suite struct TerminalScreenTests {
    @Test func whatWaits_isWrittenWhenThereIsRoom_thoughNoFrameIsDue() async {
        await #expect(processExitsWith: .exitCode(0)) {
            let master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
            var (lock, number) = (Int32(0), UInt32(0))
            // TIOCSPTLCK and TIOCGPTN: what unlockpt and ptsname do.
            guard master >= 0, ioctl(master, 0x4004_5431, &lock) == 0, ioctl(master, 0x8004_5430, &number) == 0 else { exit(1) }
            let slave = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
            var size = winsize(ws_row: 1000, ws_col: 1000, ws_xpixel: 0, ws_ypixel: 0)
            guard slave >= 0, ioctl(slave, UInt(TIOCSWINSZ), &size) == 0, dup2(slave, STDOUT_FILENO) >= 0 else { exit(2) }
            let target = ScreenTableTarget(isLive: true, isColoured: true)
            var decoder = EventDecoder()
            var micros: Int64 = 0
            for number in 0..<2000 {
                var line = TableLines.book(seq: 1, bids: "[[0.5,3]]", instrument: "i\(number)")
                try line.withUTF8 { try decoder.decodeEvent($0) }
                try target.follow(decoder)
            }
            while target.waits.isEmpty, micros < 100_000_000 {
                micros += 1_000_000
                target.skip()
                try target.pass(monotonicMicros: micros)
            }
            guard !target.waits.isEmpty else { exit(3) }
            var bytes = [UInt8](repeating: 0, count: 1 << 16)
            var rounds = 0
            while !target.waits.isEmpty, rounds < 10_000 {
                while Descriptor.isReadable(master) { guard read(master, &bytes, bytes.count) > 0 else { exit(4) } }
                try target.pass(monotonicMicros: micros)
                rounds += 1
            }
            exit(target.waits.isEmpty ? 0 : 5)
        }
    }

    @Test func aScreenThatNobodyReads_isNotReady_untilItIsRead() async {
        await #expect(processExitsWith: .exitCode(0)) {
            var ends: [Int32] = [0, 0]
            guard pipe(&ends) == 0 else { exit(1) }
            let screen = TerminalScreen(isColoured: false, descriptor: ends[1])
            let size = WindowSize(columns: 1000, rows: 1000)
            var shown = 0
            while try screen.isReady(), shown < 20 {
                let row = ScreenRow(String(repeating: shown % 2 == 0 ? "a" : "b", count: 1000), .plain, width: 1000)
                try screen.show(Frame(size, [ScreenRow](repeating: row, count: 1000)))
                shown += 1
            }
            // A pipe holds a frame of these at the most; one more waits.
            guard (1...2).contains(shown), screen.waits.count == 1, try !screen.isReady() else { exit(2) }
            var bytes = [UInt8](repeating: 0, count: 1 << 20)
            while Descriptor.isReadable(ends[0]) {
                guard read(ends[0], &bytes, bytes.count) > 0 else { exit(3) }
                _ = try screen.isReady()
            }
            guard try screen.isReady(), screen.waits.isEmpty, screen.frameCount == shown else { exit(4) }
            try screen.leave(nil)
            let count = read(ends[0], &bytes, bytes.count)
            exit(String(decoding: bytes[..<max(count, 0)], as: UTF8.self).hasSuffix("\u{1B}[?1049l") ? 0 : 5)
        }
    }
}
