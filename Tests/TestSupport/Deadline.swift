import Glibc

/// Waiting for a condition, with an end.
public enum Deadline {
    public static let millis = 60_000

    public static func wait(for what: String, until condition: () throws -> Bool) throws {
        let start = now()
        while try !condition() {
            guard now() - start < millis else { throw TestFault("waited too long for \(what)") }
            poll(nil, 0, 2)
        }
    }

    private static func now() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }
}
