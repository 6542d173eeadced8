import Glibc
import Testing
import UnixTool

@testable import mkt_sink

/// Each in a process of its own: a screen that is up changes what signals do.
@Suite struct TerminalScreenTests {
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
